import { array, assert, asyncProperty, integer, uint8Array } from "fast-check";
import { expect, it } from "vitest";
import type { StreamPart } from "./cut-stream.ts";
import { cutStream } from "./cut-stream.ts";

async function* streamOf(chunks: readonly Uint8Array[], onChunk: () => void = () => undefined) {
  for (const chunk of chunks) {
    onChunk();
    yield chunk;
  }
}

async function partsOf(chunks: readonly Uint8Array[], partSizeBytes: number) {
  let readBytes = 0;
  const count = () => void (readBytes += 10);
  const parts: StreamPart[] = [];
  for await (const part of cutStream(streamOf(chunks, count), partSizeBytes, () => readBytes)) {
    parts.push(part);
  }
  return parts;
}

it("cuts any stream into parts of one size, numbered from 1, that are the stream again", async () => {
  const chunks = array(uint8Array({ maxLength: 40 }), { maxLength: 12 });
  await assert(
    asyncProperty(chunks, integer({ min: 1, max: 64 }), async (stream, partSizeBytes) => {
      const parts = await partsOf(stream, partSizeBytes);
      expect(Buffer.concat(parts.map(({ bytes }) => bytes))).toEqual(Buffer.concat(stream));
      expect(parts.map(({ number }) => number)).toEqual(parts.map((_, at) => at + 1));
      expect(parts.map(({ start }) => start)).toEqual(parts.map((_, at) => at * partSizeBytes));
      expect(parts.map(({ isLast }) => isLast)).toEqual(
        parts.map((_, at) => at === parts.length - 1),
      );
      const inner = parts.slice(0, -1);
      expect(inner.every(({ bytes }) => bytes.length === partSizeBytes)).toBe(true);
      if (parts.length > 1) expect(parts.at(-1)?.bytes.length).toBeGreaterThan(0);
    }),
  );
});

it("says of each part what of the source went into it, once", async () => {
  const parts = await partsOf([Buffer.alloc(8), Buffer.alloc(8), Buffer.alloc(8)], 10);
  expect(parts.map(({ source }) => [source.start, source.end])).toEqual([
    [0, 20],
    [20, 30],
    [30, 30],
  ]);
});

it("reads no further than it was asked to", async () => {
  let chunkCount = 0;
  const chunks = Array.from({ length: 9 }, () => Buffer.alloc(10));
  const parts = cutStream(
    streamOf(chunks, () => void (chunkCount += 1)),
    10,
    () => 0,
  );
  await parts.next();
  expect(chunkCount).toBe(2);
});
