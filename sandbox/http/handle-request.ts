import type { IncomingMessage, ServerResponse } from "node:http";

import { authenticate } from "../auth/authenticate.ts";
import type { Gate } from "../auth/authenticate.ts";
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
};

/** S3's limit, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** Answers one request, whatever happens; never rejects. */
export async function handleRequest(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const progress: Progress = { route: undefined, operation: undefined, bytesIn: 0, bytesOut: 0 };
  response.once("close", () =>
    service.log?.(describeRequest(service.store.nowMs(), progress, response)),
  );
  const onSent = (bytes: number): void => {
    progress.bytesOut += bytes;
  };
  try {
    await sendAnswer(response, await perform(service, progress, { request, response }), onSent);
  } catch (error) {
    // A client that left gets no answer; one that got half an answer must see it break off.
    if (response.headersSent || request.errored) response.destroy();
    else await sendAnswer(response, renderError(error, request), onSent);
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
  progress.operation = chooseOperation(route);
  const authenticated = authenticate({ method, target, headers }, service.gate);
  if (Buffer.byteLength(target.key) > MAX_KEY_BYTES) throw new S3Error("KeyTooLongError");
  const body = openBody(request, authenticated, () => {
    if (expectsContinue(request)) response.writeContinue();
  });
  const { bucket, key } = route;
  const call = { store: service.store, bucket, key, query, headers, body: counted(body, progress) };
  return OPERATIONS[progress.operation](call);
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
