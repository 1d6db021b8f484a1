import { createHash } from "node:crypto";

import type { S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { parseXml } from "../protocol/xml.ts";
import type { XmlElement } from "../protocol/xml.ts";

/** Ten thousand parts with a checksum each are 2 MB. */
const MAX_DOCUMENT_BYTES = 8 * 1024 ** 2;

/**
 * The XML body of a request; undefined where it is empty.
 *
 * @throws {S3Error} MalformedXML, EntityTooLarge, XAmzContentSHA256Mismatch, BadDigest.
 */
export async function readDocument(call: S3Call): Promise<XmlElement | undefined> {
  const bytes = await readSmallBody(call);
  const { signedSha256 } = call.body;
  if (signedSha256 !== undefined && signedSha256 !== digest("sha256", bytes, "hex")) {
    throw new S3Error("XAmzContentSHA256Mismatch");
  }
  const md5 = call.headers.get("content-md5");
  if (md5 !== undefined && md5 !== digest("md5", bytes, "base64")) throw new S3Error("BadDigest");
  return bytes.length === 0 ? undefined : parseXml(bytes.toString("utf8"));
}

async function readSmallBody(call: S3Call): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of call.body.chunks()) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_DOCUMENT_BYTES) throw new S3Error("EntityTooLarge");
  }
  return Buffer.concat(chunks);
}

function digest(algorithm: string, bytes: Buffer, encoding: "hex" | "base64"): string {
  return createHash(algorithm).update(bytes).digest(encoding);
}
