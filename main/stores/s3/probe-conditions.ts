import { LonghaulError } from "#shared/errors.ts";
import type { S3Address } from "./s3-address.ts";
import type { ControlCall, S3Control } from "./s3-control.ts";
import { pathOf } from "./s3-address.ts";
import { S3Uploads } from "./s3-uploads.ts";

type Probed = {
  readonly control: S3Control;
  readonly address: S3Address;
  readonly bucket: string;
  readonly deadlineMs: number;
};

/** No object has it. */
const OTHER_ETAG = '"00000000000000000000000000000000"';
const BODY = "Longhaul tried whether conditions of writes are kept here.\n";

/**
 * Whether an endpoint keeps the conditions of a write: of a PUT, and when an upload completes, which
 * some servers forget. `key` names an object that may be written over; nothing else is left behind.
 */
export async function probeConditions(
  probed: Probed,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (
    (await isRefused(() => put(probed, key, { "if-none-match": "*" }, signal))) &&
    (await isRefused(() => put(probed, key, { "if-match": OTHER_ETAG }, signal))) &&
    (await isCompleteRefused(probed, key, signal))
  );
}

/** A server that does not know the condition may refuse it, too, in other words. @throws what else went wrong. */
async function isRefused(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return false;
  } catch (thrown) {
    if (!(thrown instanceof LonghaulError)) throw thrown;
    if (thrown.code === "conflict") return true;
    if (thrown.details.status === 501 || thrown.code === "unsupported") return false;
    throw thrown;
  }
}

async function put(
  { control, address, deadlineMs }: Probed,
  key: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const isReplacing = "if-match" in headers;
  const call: ControlCall = {
    subject: { action: "s3:PutObject", target: "bucket", key, isReplacing },
    deadlineMs,
    signal,
  };
  const path = pathOf(address, key);
  const { origin } = address;
  await control.exchange({ method: "PUT", origin, path, query: [], headers, body: BODY }, call);
}

/** Of an upload of one part, completed where an object is already. */
async function isCompleteRefused(
  { control, address, bucket, deadlineMs }: Probed,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  const quirks = { refusesChecksums: true, refusesConditions: false, deniesVersions: false };
  const uploads = new S3Uploads(control, bucket, quirks);
  const upload = await uploads.open(key, { partSizeBytes: BODY.length }, signal);
  try {
    const query = [
      ["partNumber", "1"],
      ["uploadId", upload.uploadId],
    ] as const;
    const request = { origin: address.origin, path: pathOf(address, key), query, headers: {} };
    const subject = { action: "s3:PutObject", target: "upload", key } as const;
    const { headers } = await control.exchange(
      { method: "PUT", ...request, body: BODY },
      { subject, deadlineMs, signal },
    );
    const etag = headers["etag"] ?? "";
    const parts = [{ number: 1, sizeBytes: BODY.length, etag, sha256: null }];
    const order = { upload, parts, condition: { kind: "absent" }, sizeBytes: BODY.length } as const;
    return await isRefused(() => uploads.complete(order, signal));
  } finally {
    // Gone already where the condition was ignored.
    await uploads.abort(upload, signal).catch(() => undefined);
  }
}
