import { createHash } from "node:crypto";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { AwsChunkedDecoder } from "./aws-chunked.ts";
import { ChunkChain } from "./chunk-signing.ts";
import { signingKey } from "./sigv4.ts";

const SCOPE = { date: "20130524", region: "us-east-1", service: "s3" };
const SIGNING = {
  key: signingKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", SCOPE),
  timestamp: "20130524T000000Z",
  scope: "20130524/us-east-1/s3/aws4_request",
  seed: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
};

/** The body of Amazon's example: 65,536 and 1,024 times the letter a, then the end. */
const EXAMPLE = Buffer.concat(
  [
    "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n",
    "a".repeat(65_536),
    "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n",
    "a".repeat(1024),
    "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
  ].map((text) => Buffer.from(text)),
);

function decode(decoder: AwsChunkedDecoder, pieces: readonly Buffer[]): Buffer {
  const payload = pieces.flatMap((piece) => [...decoder.push(piece)]);
  decoder.end();
  return Buffer.concat(payload);
}

function codeOf(work: () => unknown): unknown {
  try {
    work();
    return "no error";
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

describe("AwsChunkedDecoder", () => {
  it("takes Amazon's signed example apart and accepts its signatures", () => {
    const decoder = new AwsChunkedDecoder(new ChunkChain(SIGNING));
    expect(decode(decoder, [EXAMPLE])).toEqual(Buffer.from("a".repeat(66_560)));
  });

  it("refuses a byte that changed on the way", () => {
    const changed = Buffer.from(EXAMPLE);
    changed.write("b", 60_000);
    const decoder = new AwsChunkedDecoder(new ChunkChain(SIGNING));
    expect(codeOf(() => decode(decoder, [changed]))).toBe("SignatureDoesNotMatch");
  });

  it("refuses a signed body that ends before its last chunk", () => {
    const decoder = new AwsChunkedDecoder(new ChunkChain(SIGNING));
    expect(codeOf(() => decode(decoder, [EXAMPLE.subarray(0, -4)]))).toBe("IncompleteBody");
  });

  it("gives the same payload and trailers however the body was cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (chunks, cuts) => {
          const framed = chunks.flatMap((chunk) => [
            Buffer.from(`${chunk.length.toString(16)}\r\n`),
            Buffer.from(chunk),
            Buffer.from("\r\n"),
          ]);
          const end = Buffer.from("0\r\nX-Amz-Checksum-Crc32: abcd==\r\n\r\n");
          const body = Buffer.concat([...framed, end]);
          const edges = [0, ...cuts.map((cut) => cut % body.length), body.length].toSorted(
            (a, b) => a - b,
          );
          const pieces = edges.slice(1).map((edge, index) => body.subarray(edges[index], edge));
          const decoder = new AwsChunkedDecoder(undefined);
          expect(decode(decoder, pieces)).toEqual(Buffer.concat(chunks));
          expect([...decoder.trailers]).toEqual([["x-amz-checksum-crc32", "abcd=="]]);
        },
      ),
    );
  });

  it("checks the signature over trailers", () => {
    const chain = new ChunkChain(SIGNING);
    const first = chain.nextChunk(createHash("sha256").update("abc").digest("hex"));
    const last = chain.nextChunk(createHash("sha256").digest("hex"));
    const trailer = chain.trailers("x-amz-checksum-crc32:NSRBwg==\n");
    const body = (signature: string): Buffer =>
      Buffer.from(
        `3;chunk-signature=${first}\r\nabc\r\n0;chunk-signature=${last}\r\n` +
          `x-amz-checksum-crc32:NSRBwg==\r\nx-amz-trailer-signature:${signature}\r\n\r\n`,
      );
    const right = new AwsChunkedDecoder(new ChunkChain(SIGNING));
    expect(decode(right, [body(trailer)]).toString()).toBe("abc");
    const wrong = new AwsChunkedDecoder(new ChunkChain(SIGNING));
    expect(codeOf(() => decode(wrong, [body("0".repeat(64))]))).toBe("SignatureDoesNotMatch");
  });
});

describe("broken framing", () => {
  it.each([
    ["a size that is no number", "xyz\r\n"],
    ["a line without end", "1".repeat(9000)],
    ["data longer than its size", "1\r\nab\r\n0\r\n\r\n"],
    ["bytes behind the end", "0\r\n\r\nmore"],
    ["no end", "1\r\na\r\n"],
    ["an end without its empty line", "0\r\n"],
    ["nothing", ""],
  ])("refuses %s", (_title, text) => {
    const decoder = new AwsChunkedDecoder(undefined);
    expect(codeOf(() => decode(decoder, [Buffer.from(text)]))).toBe("IncompleteBody");
  });
});
