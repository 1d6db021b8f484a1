import type { IncomingMessage, ServerResponse } from "node:http";

import { authenticate } from "../auth/authenticate.ts";
import type { Gate } from "../auth/authenticate.ts";
import type { FaultBook } from "../faults/fault-book.ts";
import { performWithFaults } from "../faults/fault-desk.ts";
import { ACCOUNT_ID } from "../protocol/account.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { parseTarget } from "../protocol/target.ts";
import type { SandboxStore } from "../sandbox-store.ts";
import { OPERATIONS } from "./operations.ts";
import { openBody } from "./request-body.ts";
import type { RequestBody } from "./request-body.ts";
import { describeRequest } from "./request-log.ts";
import type { Progress, WriteLog } from "./request-log.ts";
import { chooseOperation } from "./route.ts";
import type { S3Answer } from "./s3-call.ts";
import { expectsContinue, renderError, sendAnswer } from "./send-answer.ts";

export type Service = {
  readonly store: SandboxStore;
  readonly gate: Gate;
  readonly log: WriteLog | undefined;
  /** Told what the client only sees as InternalError. */
  readonly reportFault: (error: unknown) => void;
  /** What goes wrong on purpose, in tests; never in a practice bucket. */
  readonly faults?: FaultBook;
};

/** S3's limit, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** Answers one request, whatever happens; never rejects. */
export async function handleRequest(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAtMs = performance.now();
  const none = { route: undefined, operation: undefined, bytesIn: 0, bytesOut: 0 };
  const progress: Progress = { startedAtMs, ...none };
  let isLogged = service.log === undefined;
  const log = (isWhole: boolean): void => {
    if (isLogged) return;
    isLogged = true;
    service.log?.(describeRequest(service.store.nowMs(), progress, response, isWhole));
  };
  response.once("close", () => log(response.writableFinished));
  const watcher = {
    onSent: (bytes: number): void => void (progress.bytesOut += bytes),
    // Whoever has the answer finds its line.
    onSending: () => log(true),
  };
  service.faults?.setDate(response);
  try {
    await sendAnswer(response, await perform(service, progress, { request, response }), watcher);
  } catch (error) {
    const isGone = request.errored !== null || response.destroyed;
    if (!(error instanceof S3Error) && !isGone) service.reportFault(error);
    // A client that left gets no answer; one that got half an answer must see it break off.
    if (response.headersSent || isGone) response.destroy();
    else await sendAnswer(response, renderError(error, request), watcher);
  }
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

async function perform(
  service: Service,
  progress: Progress,
  { request, response }: Exchange,
): Promise<S3Answer> {
  const method = request.method ?? "";
  const target = parseTarget(request.url ?? "");
  const headers = joinHeaders(request);
  const query = firstValues(target.query);
  const route = { method, bucket: target.bucket, key: target.key, query, headers };
  progress.route = route;
  const operation = chooseOperation(route);
  progress.operation = operation;
  const authenticated = authenticate({ method, target, headers }, gateOf(service));
  assertOwner(headers);
  if (Buffer.byteLength(target.key) > MAX_KEY_BYTES) throw new S3Error("KeyTooLongError");
  const body = openBody(request, authenticated, () => {
    if (expectsContinue(request)) response.writeContinue();
  });
  const call = {
    store: service.store,
    bucket: target.bucket,
    key: target.key,
    query,
    headers: new Map([...hoistedHeaders(query), ...headers]),
    body: counted(body, progress),
  };
  if (service.faults === undefined) return OPERATIONS[operation](call);
  return performWithFaults(service.faults, {
    route,
    operation,
    call,
    response,
    operations: OPERATIONS,
  });
}

function gateOf({ gate, faults }: Service): Gate {
  return faults === undefined ? gate : faults.gate(gate);
}

/** Everything here belongs to one account. */
function assertOwner(headers: ReadonlyMap<string, string>): void {
  const expected = headers.get("x-amz-expected-bucket-owner");
  if (expected !== undefined && expected !== ACCOUNT_ID) throw new S3Error("AccessDenied");
}

/** Presigned requests carry their x-amz- headers in the query. */
function hoistedHeaders(query: ReadonlyMap<string, string>): (readonly [string, string])[] {
  return [...query]
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith("x-amz-"));
}

function joinHeaders(request: IncomingMessage): ReadonlyMap<string, string> {
  const pairs = Object.entries(request.headersDistinct);
  return new Map(pairs.map(([name, values]) => [name, (values ?? []).join(",")]));
}

function firstValues(
  query: readonly (readonly [name: string, value: string])[],
): ReadonlyMap<string, string> {
  return new Map(query.toReversed());
}

function counted(body: RequestBody, progress: Progress): RequestBody {
  return {
    ...body,
    async *chunks() {
      for await (const chunk of body.chunks()) {
        progress.bytesIn += chunk.length;
        yield chunk;
      }
    },
  };
}
