import type { Quirks } from "#shared/fault-script.ts";
import type { OperationName } from "../http/route.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";

const CONDITIONS = ["if-match", "if-none-match"];
const WRITES: ReadonlySet<OperationName> = new Set(["PutObject", "CompleteMultipartUpload"]);

/** Which operation a provider with these habits takes a request for. */
export function quirkyOperation(operation: OperationName, quirks: Quirks): OperationName {
  return quirks.listV1Only && operation === "ListObjectsV2" ? "ListObjects" : operation;
}

/**
 * The request as a provider with these habits understands it.
 *
 * @throws {S3Error} NotImplemented for what it has not.
 */
export function quirkyCall(call: S3Call, operation: OperationName, quirks: Quirks): S3Call {
  if (quirks.noAttributes && operation === "GetObjectAttributes") {
    throw new S3Error("NotImplemented");
  }
  if (operation === "CompleteMultipartUpload") checkParts(call, quirks);
  if (operation === "UploadPart") checkPartNumber(call, quirks);
  const checksums = [...call.headers.keys()].filter(isChecksumHeader);
  if (quirks.checksums === "refused" && checksums.length > 0) {
    throw new S3Error("NotImplemented", `The header ${checksums[0]} is not implemented.`);
  }
  const ignored = [
    ...(quirks.checksums === "kept" ? [] : checksums),
    ...(quirks.noConditions && WRITES.has(operation) ? CONDITIONS : []),
  ];
  const paged = withMostKeys(call, operation, quirks);
  return withoutHeaders(quirks.opaqueEtags ? withOwnEtags(paged) : paged, ignored);
}

export function withoutHeaders(call: S3Call, names: readonly string[]): S3Call {
  if (names.length === 0) return call;
  const ignored = new Set(names.map((name) => name.toLowerCase()));
  return { ...call, headers: new Map([...call.headers].filter(([name]) => !ignored.has(name))) };
}

function withMostKeys(call: S3Call, operation: OperationName, { mostKeys }: Quirks): S3Call {
  if (mostKeys === null || !operation.startsWith("ListObjects")) return call;
  return { ...call, query: new Map([...call.query, ["max-keys", String(mostKeys)]]) };
}

export function quirkyAnswer(answer: S3Answer, operation: OperationName, quirks: Quirks): S3Answer {
  const isOpaque = quirks.opaqueEtags && operation !== "UploadPart" && operation !== "ListParts";
  const opaque = isOpaque ? withEtags(answer, opaqueEtag) : answer;
  return quirks.unquotedEtags ? withEtags(opaque, (etag) => etag.replaceAll('"', "")) : opaque;
}

/** @param change Of a quoted ETag. */
function withEtags(answer: S3Answer, change: (etag: string) => string): S3Answer {
  const { headers = {}, text } = answer;
  const etag = headers["etag"];
  const inText = (_: string, inner: string): string =>
    `<ETag>${change(`"${inner}"`).replaceAll('"', "&quot;")}</ETag>`;
  return {
    ...answer,
    headers: etag === undefined ? headers : { ...headers, etag: change(String(etag)) },
    ...(text !== undefined && {
      text: text.replace(/<ETag>(?:&quot;|")?(.*?)(?:&quot;|")?<\/ETag>/g, inText),
    }),
  };
}

/** Its own inverse, so that conditions can name it. */
function opaqueEtag(etag: string): string {
  return etag.replace(/[0-9a-f]{32}/g, (digest) => digest.slice(16) + digest.slice(0, 16));
}

function withOwnEtags(call: S3Call): S3Call {
  const conditions = [...call.headers].filter(([name]) => CONDITIONS.includes(name));
  const own = conditions.map(([name, value]) => [name, opaqueEtag(value)] as const);
  return { ...call, headers: new Map([...call.headers, ...own]) };
}

function isChecksumHeader(name: string): boolean {
  return name.startsWith("x-amz-checksum-") || name === "x-amz-sdk-checksum-algorithm";
}

function checkParts({ store, query }: S3Call, { equalPartsOnly, minPartBytes }: Quirks): void {
  const parts = store.parts.all(query.get("uploadId") ?? "").slice(0, -1);
  if (equalPartsOnly && parts.some(({ sizeBytes }) => sizeBytes !== parts[0]?.sizeBytes)) {
    throw new S3Error("InvalidPart", "All non-trailing parts must have the same length.");
  }
  const tooSmall = parts.find(({ sizeBytes }) => sizeBytes < (minPartBytes ?? 0));
  if (tooSmall === undefined) return;
  throw new S3Error("EntityTooSmall", undefined, {
    ProposedSize: String(tooSmall.sizeBytes),
    MinSizeAllowed: String(minPartBytes),
    PartNumber: String(tooSmall.number),
  });
}

function checkPartNumber({ query }: S3Call, { maxParts }: Quirks): void {
  if (maxParts === null || Number(query.get("partNumber")) <= maxParts) return;
  const message = `Part number must be an integer between 1 and ${maxParts}, inclusive`;
  throw new S3Error("InvalidArgument", message, { ArgumentName: "partNumber" });
}
