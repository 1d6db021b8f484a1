import type { IncomingMessage } from "node:http";

import type { Authenticated } from "../auth/authenticate.ts";
import { AwsChunkedDecoder } from "../auth/aws-chunked.ts";
import { ChunkChain } from "../auth/chunk-signing.ts";
import { S3Error } from "../protocol/s3-error.ts";

/** The payload of a request, framing taken off; read once. */
export type RequestBody = {
  /** Bytes of payload, as the headers promise; undefined where they do not. */
  readonly lengthBytes: number | undefined;
  /** Hex; undefined where the payload is not signed as a whole. */
  readonly signedSha256: string | undefined;
  /** Reads the payload. Ends with an error where the client leaves early. */
  readonly chunks: () => AsyncGenerator<Buffer>;
  /** Lower-case names; complete once the chunks have ended. */
  readonly trailers: ReadonlyMap<string, string>;
};

const STREAMING_SIGNED = new Set([
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
]);
const STREAMING_UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/**
 * @param onRead Called before the first byte is read, for `100 Continue`.
 * @throws {S3Error} InvalidArgument for an unknown kind of payload hash.
 */
export function openBody(
  request: IncomingMessage,
  authenticated: Authenticated,
  onRead: () => void,
): RequestBody {
  const { payloadHash } = authenticated;
  const isSigned = STREAMING_SIGNED.has(payloadHash);
  const isHex = /^[0-9a-f]{64}$/.test(payloadHash);
  const isFramed = isSigned || payloadHash === STREAMING_UNSIGNED;
  if (!isHex && !isFramed && payloadHash !== "UNSIGNED-PAYLOAD") {
    throw new S3Error("InvalidArgument", "x-amz-content-sha256 must be a SHA-256 or a known word.");
  }
  const decoder = isFramed
    ? new AwsChunkedDecoder(isSigned ? new ChunkChain(authenticated.chunks) : undefined)
    : undefined;
  const lengthHeader = isFramed ? "x-amz-decoded-content-length" : "content-length";
  return {
    lengthBytes: parseLength(request.headers[lengthHeader]),
    signedSha256: isHex ? payloadHash : undefined,
    trailers: decoder?.trailers ?? new Map(),
    chunks: () => {
      onRead();
      return readChunks(request, decoder);
    },
  };
}

function parseLength(value: string | string[] | undefined): number | undefined {
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

async function* readChunks(
  request: IncomingMessage,
  decoder: AwsChunkedDecoder | undefined,
): AsyncGenerator<Buffer> {
  // Leaving the loop early must not destroy the socket: the answer still has to go out on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError("A body is read as bytes.");
    if (decoder === undefined) yield chunk;
    else yield* decoder.push(chunk);
  }
  decoder?.end();
}
