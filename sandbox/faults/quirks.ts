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
  if (quirks.equalPartsOnly && operation === "CompleteMultipartUpload") requireEqualParts(call);
  const checksums = [...call.headers.keys()].filter(isChecksumHeader);
  if (quirks.checksums === "refused" && checksums.length > 0) {
    throw new S3Error("NotImplemented", `The header ${checksums[0]} is not implemented.`);
  }
  const ignored = [
    ...(quirks.checksums === "kept" ? [] : checksums),
    ...(quirks.noConditions && WRITES.has(operation) ? CONDITIONS : []),
  ];
  return withoutHeaders(call, ignored);
}

export function withoutHeaders(call: S3Call, names: readonly string[]): S3Call {
  if (names.length === 0) return call;
  const ignored = new Set(names.map((name) => name.toLowerCase()));
  return { ...call, headers: new Map([...call.headers].filter(([name]) => !ignored.has(name))) };
}

export function quirkyAnswer(answer: S3Answer, quirks: Quirks): S3Answer {
  if (!quirks.unquotedEtags) return answer;
  const { headers = {}, text } = answer;
  const etag = headers["etag"];
  return {
    ...answer,
    headers: etag === undefined ? headers : { ...headers, etag: String(etag).replaceAll('"', "") },
    ...(text !== undefined && {
      text: text.replace(/<ETag>(?:&quot;|")?(.*?)(?:&quot;|")?<\/ETag>/g, "<ETag>$1</ETag>"),
    }),
  };
}

function isChecksumHeader(name: string): boolean {
  return name.startsWith("x-amz-checksum-") || name === "x-amz-sdk-checksum-algorithm";
}

function requireEqualParts({ store, query }: S3Call): void {
  const parts = store.parts.all(query.get("uploadId") ?? "");
  const sizeBytes = parts[0]?.sizeBytes;
  if (parts.slice(0, -1).every((part) => part.sizeBytes === sizeBytes)) return;
  throw new S3Error("InvalidPart", "All non-trailing parts must have the same length.");
}
