import { randomBytes } from "node:crypto";
import type * as fs from "node:fs";
import * as fc from "fast-check";
import { beforeEach, expect, it, vi } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { BlockPool } from "./block-pool.ts";
import { RangeWriter } from "./range-writer.ts";

/** A disk that takes as much of each write as it likes. */
const disk = vi.hoisted(() => ({
  bytes: new Uint8Array(0),
  most: (length: number): number => length,
  failure: null as Error | null,
  underWay: 0,
  mostUnderWay: 0,
}));

type WriteCall = [
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
  done: (error: Error | null, count: number) => void,
];

vi.mock("node:fs", async (original) => ({
  ...(await original<typeof fs>()),
  write: (...[, buffer, , , position, done]: WriteCall) => {
    disk.underWay += 1;
    disk.mostUnderWay = Math.max(disk.mostUnderWay, disk.underWay);
    setImmediate(() => {
      disk.underWay -= 1;
      if (disk.failure !== null) return done(disk.failure, 0);
      const count = disk.most(buffer.length);
      disk.bytes.set(buffer.subarray(0, count), position);
      return done(null, count);
    });
  },
}));

beforeEach(() => {
  disk.bytes = new Uint8Array(4 * MiB);
  disk.most = (length) => length;
  disk.failure = null;
  disk.mostUnderWay = 0;
});

async function writeAll(writer: RangeWriter, bytes: Buffer, chunkBytes: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    await writer.push(bytes.subarray(at, at + chunkBytes));
  }
  await writer.flush();
  await writer.close();
}

it("D1 writes every byte at its place when the system takes less than it was given", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 * MiB }),
      fc.integer({ min: 500, max: 200 * KiB }),
      fc.integer({ min: 100 * KiB, max: 2 * MiB }),
      async (sizeBytes, chunkBytes, mostBytes) => {
        disk.bytes.fill(0);
        disk.most = (length) => Math.min(length, mostBytes);
        const bytes = randomBytes(sizeBytes);
        const range = { start: 77, end: 77 + sizeBytes };
        await writeAll(new RangeWriter(3, range, new BlockPool()), bytes, chunkBytes);
        expect(Buffer.compare(disk.bytes.subarray(77, 77 + sizeBytes), bytes)).toBe(0);
        expect(disk.bytes.subarray(77 + sizeBytes).every((byte) => byte === 0)).toBe(true);
      },
    ),
    { numRuns: 15 },
  );
});

it("takes bytes that are in their room already, and those that are not, at their place", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 * MiB }),
      fc.array(fc.record({ sizeBytes: fc.integer({ min: 1, max: MiB }), isPlaced: fc.boolean() }), {
        minLength: 1,
      }),
      async (totalBytes, reads) => {
        disk.bytes.fill(0);
        const bytes = randomBytes(totalBytes);
        const writer = new RangeWriter(3, { start: 77, end: 77 + totalBytes }, new BlockPool());
        for (let at = 0, index = 0; at < totalBytes; index += 1) {
          const read = reads[index % reads.length] ?? { sizeBytes: 1, isPlaced: true };
          let chunk: Buffer = bytes.subarray(at, at + read.sizeBytes);
          const room = read.isPlaced ? writer.room() : null;
          if (room !== null) chunk = room.subarray(0, chunk.copy(room));
          await writer.push(chunk);
          at += chunk.length;
        }
        expect(writer.room()).toBeNull();
        await writer.flush();
        await writer.close();
        expect(Buffer.compare(disk.bytes.subarray(77, 77 + totalBytes), bytes)).toBe(0);
      },
    ),
    { numRuns: 20 },
  );
});

it("has no room for a third block", async () => {
  const blocks = new BlockPool();
  const take = vi.spyOn(blocks, "take");
  const writer = new RangeWriter(3, { start: 0, end: 4 * MiB }, blocks);
  expect(writer.push(Buffer.alloc(MiB))).toBeNull();
  expect(writer.room()).toHaveLength(MiB);
  const waiting = writer.push(Buffer.alloc(MiB));
  expect(writer.room()).toBeNull();
  expect(take).toHaveBeenCalledTimes(2);
  await waiting;
  expect(writer.room()).toHaveLength(MiB);
  await writer.close();
});

it("asks to wait before it would need a third block", async () => {
  const blocks = new BlockPool();
  const take = vi.spyOn(blocks, "take");
  const giveBack = vi.spyOn(blocks, "giveBack");
  const writer = new RangeWriter(3, { start: 0, end: 4 * MiB }, blocks);
  let most = 0;
  for (let at = 0; at < 4 * MiB; at += 128 * KiB) {
    await writer.push(Buffer.alloc(128 * KiB));
    most = Math.max(most, take.mock.calls.length - giveBack.mock.calls.length);
  }
  await writer.flush();
  await writer.close();
  expect(most).toBeLessThanOrEqual(2);
  expect(disk.mostUnderWay).toBe(1);
  expect(giveBack).toHaveBeenCalledTimes(take.mock.calls.length);
});

it("D2 tells of a full disk, writes nothing more, and gives its blocks back", async () => {
  disk.failure = Object.assign(new Error("full"), { code: "ENOSPC", syscall: "write" });
  const blocks = new BlockPool();
  const take = vi.spyOn(blocks, "take");
  const giveBack = vi.spyOn(blocks, "giveBack");
  const writer = new RangeWriter(3, { start: 0, end: 4 * MiB }, blocks);
  expect(writer.push(Buffer.alloc(MiB))).toBeNull();
  expect(writer.push(Buffer.alloc(100))).toBeNull();
  await expect(writer.flush()).rejects.toMatchObject({ code: "ENOSPC" });
  await writer.close();
  expect(writer.hasFailed).toBe(true);
  expect(giveBack).toHaveBeenCalledTimes(take.mock.calls.length);
});
