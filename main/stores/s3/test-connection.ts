import { randomBytes } from "node:crypto";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import type { ProfileTestStep } from "#shared/contract.ts";
import type { BucketAccess } from "#shared/object-options.ts";
import type { ProfileTestStepName } from "#shared/profile.ts";
import type { Clock } from "../../flow/clock.ts";
import type { CredentialProvider } from "../../profiles/credentials.ts";
import { accessHeaders } from "./attribute-headers.ts";
import { RequestSigner } from "./request-signer.ts";
import { accountAddressOf, addressOf, pathOf } from "./s3-address.ts";
import type { S3Address, S3Location } from "./s3-address.ts";
import { S3Control } from "./s3-control.ts";
import type { ControlCall, ControlRequest, RouteTo } from "./s3-control.ts";
import { clockAheadSeconds } from "./s3-errors.ts";
import { listBucketNames, listPage } from "./s3-listing.ts";
import { probeConditions } from "./probe-conditions.ts";
import { reachEndpoint } from "./reach-endpoint.ts";
import { ServerClock } from "./server-clock.ts";

export type ConnectionTest = S3Location & {
  /** Null tries what the keys may list. */
  readonly bucket: string | null;
  readonly credentials: CredentialProvider;
  readonly clock: Clock;
  /** Also writes and removes one small object. */
  readonly tryWrite: boolean;
  /** Hears whether conditions of writes are kept; where it is left out, that is not tried. */
  readonly onConditions?: (isKept: boolean) => void;
  readonly routeTo?: RouteTo | undefined;
  /** As a transfer of the profile would say it. */
  readonly access?: BucketAccess;
};

/** A person waits for each step. */
const STEP_DEADLINE_MS = 15_000;
/** The tightest tolerance of the servers we know; S3's own is 15 minutes. */
const TOLERATED_SECONDS = 5 * 60;

const FIRST_PAGE = { prefix: "", isFolded: true, cursor: null, limit: 1000 } as const;

/** Refusals of what was asked, after the signature was found good. */
const RECOGNISED: ReadonlySet<string> = new Set(["access-denied", "bucket-missing"]);

type Step = {
  readonly step: ProfileTestStepName;
  readonly run: (signal: AbortSignal) => Promise<Found>;
};

/** What a step saw; an error that does not make the next steps senseless comes beside. */
type Found = {
  readonly found: string;
  readonly error?: LonghaulError;
  readonly isSkipped?: boolean;
};

/**
 * Tries an endpoint step by step: reach, clock, signature, list, write. Each step comes as soon as it
 * is known; those after a failure are skipped. Throws for nothing but `signal`.
 */
export async function* testConnection(
  test: ConnectionTest,
  signal: AbortSignal,
): AsyncGenerator<ProfileTestStep> {
  let blocked: ProfileTestStepName | null = null;
  for (const { step, run } of stepsOf(test)) {
    if (blocked !== null) {
      yield {
        step,
        outcome: "skipped",
        found: `not tried, since ${blocked} failed`,
        error: null,
        tookMs: 0,
      };
      continue;
    }
    const startedMs = test.clock.nowMs();
    const result = await attempt(run, signal);
    const tookMs = Math.max(0, test.clock.nowMs() - startedMs);
    yield { ...result.step, step, tookMs };
    if (result.isFatal) blocked = step;
  }
}

async function attempt(
  run: Step["run"],
  signal: AbortSignal,
): Promise<{ step: Omit<ProfileTestStep, "step" | "tookMs">; isFatal: boolean }> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(STEP_DEADLINE_MS)]);
  try {
    const { found, error, isSkipped = false } = await run(bounded);
    if (isSkipped) return { step: { outcome: "skipped", found, error: null }, isFatal: false };
    const outcome = error ? "failed" : "passed";
    return { step: { outcome, found, error: error ? toErrorInfo(error) : null }, isFatal: false };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toErrorInfo(thrown);
    // Keys that may not list may write all the same.
    const isFatal = error.code !== "access-denied";
    return { step: { outcome: "failed", found: foundOf(thrown), error }, isFatal };
  }
}

function stepsOf(test: ConnectionTest): Step[] {
  const address = test.bucket === null ? accountAddressOf(test) : addressOf(test, test.bucket);
  const clock = new ServerClock(test.clock);
  const signer = new RequestSigner(test.credentials, test.region, clock);
  const { region, bucket } = test;
  const control = new S3Control({
    address,
    bucket: bucket ?? "",
    region,
    signer,
    connectTimeoutMs: STEP_DEADLINE_MS,
    routeTo: test.routeTo,
    accessHeaders: accessHeaders(bucket === null ? {} : (test.access ?? {})),
  });
  return [
    {
      step: "reach",
      run: async (signal) => ({ found: await reachEndpoint(control, address, signal) }),
    },
    {
      step: "clock",
      run: async (signal) => compareClocks({ address, control }, test.clock, signal),
    },
    { step: "signature", run: async (signal) => trySignature(control, test, signal) },
    { step: "list", run: async (signal) => tryList(control, bucket, signal) },
    {
      step: "write",
      run: async (signal) =>
        test.tryWrite && bucket !== null
          ? tryWrite({ control, address, bucket, test }, signal)
          : { found: test.tryWrite ? "no bucket is named" : "not asked for", isSkipped: true },
    },
  ];
}

async function compareClocks(
  { address, control }: { readonly address: S3Address; readonly control: S3Control },
  clock: Clock,
  signal: AbortSignal,
): Promise<Found> {
  // Any answer will do, also one that refuses.
  const { headers } = await control.greet(signal);
  const ahead = clockAheadSeconds(headers["date"], clock.wallMs());
  if (ahead === null) return { found: "the server tells no time" };
  if (Math.abs(ahead) < TOLERATED_SECONDS) {
    return { found: Math.abs(ahead) <= 2 ? "the same time" : describeSeconds(ahead) };
  }
  // Signatures are made with the server's time, so the next steps still make sense.
  const error = new LonghaulError("clock-skewed", `this clock is ${describeSeconds(ahead)}`, {
    details: { clockAheadSeconds: ahead, endpoint: address.endpointOrigin },
  });
  return { found: describeSeconds(ahead), error };
}

async function trySignature(
  control: S3Control,
  { credentials, bucket }: ConnectionTest,
  signal: AbortSignal,
): Promise<Found> {
  const keys = await credentials.get(signal);
  if (!keys) return { found: "requests are not signed", isSkipped: true };
  try {
    await (bucket === null
      ? listBucketNames(control, signal)
      : listPage(control, bucket, { ...FIRST_PAGE, limit: 1 }, signal));
  } catch (thrown) {
    // Who is refused a thing by name has been recognised.
    const isKnown = thrown instanceof LonghaulError && RECOGNISED.has(thrown.code);
    if (!isKnown) throw thrown;
  }
  return { found: `access key ${keys.accessKeyId} is accepted` };
}

async function tryList(
  control: S3Control,
  bucket: string | null,
  signal: AbortSignal,
): Promise<Found> {
  if (bucket === null) {
    const names = await listBucketNames(control, signal);
    return { found: names.length === 1 ? "1 bucket" : `${names.length} buckets` };
  }
  const page = await listPage(control, bucket, FIRST_PAGE, signal);
  const count = page.objects.length + page.prefixes.length;
  const more = page.cursor === null ? "" : " and more";
  return { found: count === 0 ? "the bucket is empty" : `${count} names at the top${more}` };
}

type Writing = {
  readonly control: S3Control;
  readonly address: S3Address;
  readonly bucket: string;
  readonly test: ConnectionTest;
};

async function tryWrite(writing: Writing, signal: AbortSignal): Promise<Found> {
  const { control, address } = writing;
  const key = `.longhaul-test-${randomBytes(8).toString("hex")}`;
  await control.exchange(requestFor("PUT", address, key), callFor("s3:PutObject", key, signal));
  const conditions = await tryConditions(writing, key, signal);
  try {
    await control.exchange(
      requestFor("DELETE", address, key),
      callFor("s3:DeleteObject", key, signal),
    );
    return { found: `one small object written and removed${conditions}` };
  } catch (thrown) {
    signal.throwIfAborted();
    // Uploads work without that permission.
    return {
      found: `written${conditions}; ${key} could not be removed: ${toErrorInfo(thrown).code}`,
    };
  }
}

/** What it found, to go on with; where it could not be told, nothing is claimed. */
async function tryConditions(
  { control, address, bucket, test: { onConditions } }: Writing,
  key: string,
  signal: AbortSignal,
): Promise<string> {
  if (!onConditions) return "";
  const probed = { control, address, bucket, deadlineMs: STEP_DEADLINE_MS };
  try {
    const isKept = await probeConditions(probed, key, signal);
    onConditions(isKept);
    return isKept ? ", conditions of writes are kept" : ", writes are not atomic here";
  } catch (thrown) {
    signal.throwIfAborted();
    return `, conditions of writes could not be tried: ${toErrorInfo(thrown).code}`;
  }
}

function requestFor(method: "PUT" | "DELETE", address: S3Address, key: string): ControlRequest {
  const body = method === "PUT" ? "Longhaul tried whether it may write here.\n" : null;
  return {
    method,
    origin: address.origin,
    path: pathOf(address, key),
    query: [],
    headers: {},
    body,
  };
}

function callFor(action: string, key: string, signal: AbortSignal): ControlCall {
  return { subject: { action, target: "bucket", key }, deadlineMs: STEP_DEADLINE_MS, signal };
}

function foundOf(thrown: unknown): string {
  const { code, details } = toErrorInfo(thrown);
  if (code === "wrong-region" && details.region !== undefined) {
    return `the bucket is in ${details.region}`;
  }
  return details.cause ?? (details.status === undefined ? code : `answered ${details.status}`);
}

function describeSeconds(ahead: number): string {
  const size = Math.abs(ahead);
  const amount = size < 120 ? `${size} s` : `${Math.round(size / 60)} min`;
  return `${amount} ${ahead > 0 ? "ahead" : "behind"}`;
}
