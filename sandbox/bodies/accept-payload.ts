import type { S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { checksumHeader, findClaim } from "./checksums.ts";
import type { ChecksumAlgorithm, ChecksumClaim } from "./checksums.ts";
import { receiveBody } from "./receive-body.ts";
import type { ReceivedBody } from "./receive-body.ts";

/** S3's limit for one PUT and for one part. */
const MAX_BODY_BYTES = 5 * 1024 ** 3;

export type AcceptedPayload = {
  readonly body: ReceivedBody;
  /** The checksum that the request claimed, which held. */
  readonly claimed: ChecksumAlgorithm | undefined;
};

/**
 * Receives the payload of PutObject or UploadPart and proves every digest that came with it.
 * What it returns is staged: publish or discard it.
 *
 * @param also A further checksum to compute.
 * @throws {S3Error} MissingContentLength, EntityTooLarge, IncompleteBody, InvalidDigest,
 *   InvalidRequest, BadDigest, XAmzContentSHA256Mismatch.
 */
export async function acceptPayload(
  call: S3Call,
  also: ChecksumAlgorithm | undefined,
): Promise<AcceptedPayload> {
  const claim = findClaim(call.headers);
  const md5 = parseContentMd5(call.headers.get("content-md5"));
  checkLength(call.body.lengthBytes);
  const algorithms = new Set<ChecksumAlgorithm>();
  if (call.body.signedSha256 !== undefined) algorithms.add("SHA256");
  if (claim !== undefined) algorithms.add(claim.algorithm);
  if (also !== undefined) algorithms.add(also);
  const body = await receiveBody(call.body.chunks(), call.store.files, algorithms);
  try {
    prove(call, body, { claim, md5 });
  } catch (error) {
    await call.store.files.discard(body.file);
    throw error;
  }
  return { body, claimed: claim?.algorithm };
}

/** Base64 of one of the digests made while receiving. */
export function digestOf(body: ReceivedBody, algorithm: ChecksumAlgorithm): string {
  const digest = body.digests.get(algorithm);
  if (digest === undefined) throw new Error(`${algorithm} was not asked for.`);
  return digest.toString("base64");
}

function checkLength(lengthBytes: number | undefined): void {
  if (lengthBytes === undefined) throw new S3Error("MissingContentLength");
  if (lengthBytes <= MAX_BODY_BYTES) return;
  throw new S3Error("EntityTooLarge", undefined, {
    ProposedSize: String(lengthBytes),
    MaxSizeAllowed: String(MAX_BODY_BYTES),
  });
}

/** @returns hex. */
function parseContentMd5(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const bytes = Buffer.from(header, "base64");
  if (bytes.length !== 16) throw new S3Error("InvalidDigest");
  return bytes.toString("hex");
}

type Claims = { readonly claim: ChecksumClaim | undefined; readonly md5: string | undefined };

function prove(call: S3Call, body: ReceivedBody, { claim, md5 }: Claims): void {
  const { lengthBytes, signedSha256, trailers } = call.body;
  if (lengthBytes !== body.sizeBytes) throw new S3Error("IncompleteBody");
  const sha256 = body.digests.get("SHA256")?.toString("hex");
  if (signedSha256 !== undefined && signedSha256 !== sha256) {
    throw new S3Error("XAmzContentSHA256Mismatch", undefined, {
      ClientComputedContentSHA256: signedSha256,
      S3ComputedContentSHA256: sha256 ?? "",
    });
  }
  if (md5 !== undefined && md5 !== body.md5) throw new S3Error("BadDigest");
  if (claim === undefined) return;
  const claimed = claim.value ?? trailers.get(checksumHeader(claim.algorithm));
  if (claimed === digestOf(body, claim.algorithm)) return;
  const message = `The ${claim.algorithm} you specified did not match the calculated checksum.`;
  throw new S3Error("BadDigest", message);
}
