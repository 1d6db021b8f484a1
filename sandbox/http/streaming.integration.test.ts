import { createHash } from "node:crypto";
import { Readable } from "node:stream";

import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ChunkChain } from "../auth/chunk-signing.ts";
import { signingKey } from "../auth/sigv4.ts";
import { signOrder } from "../testing/sign-order.ts";
import { TEST_KEYS, startTestServer } from "../testing/test-server.ts";
import type { Answer, TestServer } from "../testing/test-server.ts";

const HELLO = "hello";
const HELLO_CRC32 = "NhCmhg==";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
  expect(server.faults).toEqual([]);
});

type Framed = {
  readonly kind: string;
  readonly key: string;
  /** Of the payload, as the header claims. */
  readonly lengthBytes?: number;
  readonly trailer?: string;
  readonly frame: (chain: ChunkChain) => string;
};

/** Sends a body framed by hand, its chunks signed from the request's own signature on. */
async function putFramed({ kind, key, lengthBytes = 5, trailer, frame }: Framed): Promise<Answer> {
  const port = Number(new URL(server.endpoint).port);
  const order = await signOrder(
    {
      method: "PUT",
      path: `/bucket/${key}`,
      headers: {
        "x-amz-content-sha256": kind,
        "x-amz-decoded-content-length": String(lengthBytes),
        "content-encoding": "aws-chunked",
        ...(trailer === undefined ? {} : { "x-amz-trailer": trailer }),
      },
    },
    { port, keys: TEST_KEYS },
  );
  const timestamp = order.headers?.["x-amz-date"] ?? "";
  const scope = { date: timestamp.slice(0, 8), region: "us-east-1", service: "s3" };
  const seed = /Signature=(\w+)/.exec(order.headers?.["authorization"] ?? "")?.[1] ?? "";
  const chain = new ChunkChain({
    key: signingKey(TEST_KEYS.secretAccessKey, scope),
    timestamp,
    scope: `${scope.date}/us-east-1/s3/aws4_request`,
    seed,
  });
  return server.sendRaw({ ...order, body: Buffer.from(frame(chain)) });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function signedChunks(chain: ChunkChain, chunks: readonly string[]): string {
  return [...chunks, ""]
    .map((chunk) => {
      const head = `${chunk.length.toString(16)};chunk-signature=${chain.nextChunk(sha256(chunk))}`;
      return chunk === "" ? `${head}\r\n` : `${head}\r\n${chunk}\r\n`;
    })
    .join("");
}

function outcome(answer: Answer): readonly [number, string | undefined] {
  return [answer.status, answer.code];
}

async function read(key: string): Promise<string> {
  return (await server.send({ method: "GET", path: `/bucket/${key}` })).text;
}

describe("a body of signed chunks", () => {
  const kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

  it("is stored without its framing", async () => {
    const frame = (chain: ChunkChain): string => `${signedChunks(chain, ["hel", "lo"])}\r\n`;
    expect(outcome(await putFramed({ kind, key: "signed", frame }))).toEqual([200, undefined]);
    expect(await read("signed")).toBe(HELLO);
    const head = await server.send({ method: "HEAD", path: "/bucket/signed" });
    expect(head.headers["content-encoding"]).toBeUndefined();
  });

  it("is refused where a chunk was changed", async () => {
    const frame = (chain: ChunkChain): string =>
      `${signedChunks(chain, [HELLO])}\r\n`.replace(HELLO, "hallo");
    const answer = await putFramed({ kind, key: "changed", frame });
    expect(outcome(answer)).toEqual([403, "SignatureDoesNotMatch"]);
    expect(await read("changed")).toContain("NoSuchKey");
  });

  it("may carry a signed checksum behind it", async () => {
    const frame = (chain: ChunkChain): string => {
      const chunks = signedChunks(chain, [HELLO]);
      const line = `x-amz-checksum-crc32:${HELLO_CRC32}`;
      const signature = chain.trailers(`${line}\n`);
      return `${chunks}${line}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`;
    };
    const trailer = "x-amz-checksum-crc32";
    const answer = await putFramed({ kind: `${kind}-TRAILER`, key: "behind", trailer, frame });
    expect([answer.status, answer.headers[trailer]]).toEqual([200, HELLO_CRC32]);
  });
});

describe("a body of unsigned chunks", () => {
  const kind = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  const trailer = "x-amz-checksum-crc32";

  const right = `x-amz-checksum-crc32:${HELLO_CRC32}\r\n`;

  it.each([
    { title: "has the checksum behind it", trailers: right, expected: [200, undefined] },
    {
      title: "has another checksum behind it",
      trailers: "x-amz-checksum-crc32:AAAAAA==\r\n",
      expected: [400, "BadDigest"],
    },
    { title: "lacks the checksum it announced", trailers: "", expected: [400, "BadDigest"] },
    {
      title: "is longer than it said",
      trailers: right,
      lengthBytes: 4,
      expected: [400, "IncompleteBody"],
    },
  ])("that $title", async ({ trailers, lengthBytes = 5, expected }) => {
    const frame = (): string => `5\r\n${HELLO}\r\n0\r\n${trailers}\r\n`;
    const answer = await putFramed({ kind, key: "unsigned", trailer, lengthBytes, frame });
    expect(outcome(answer)).toEqual(expected);
  });

  it("is what AWS's client sends for a stream", async () => {
    const body = Readable.from([Buffer.alloc(70_000, "a"), Buffer.alloc(70_000, "b")]);
    await server.s3.send(
      new PutObjectCommand({
        Bucket: "bucket",
        Key: "streamed",
        Body: body,
        ContentLength: 140_000,
        ChecksumAlgorithm: "CRC64NVME",
      }),
    );
    const got = await server.s3.send(
      new GetObjectCommand({ Bucket: "bucket", Key: "streamed", ChecksumMode: "ENABLED" }),
    );
    expect(got.ChecksumCRC64NVME).toMatch(/^.{11}=$/);
    expect(await got.Body?.transformToString()).toBe("a".repeat(70_000) + "b".repeat(70_000));
  });
});
