import { expect, it } from "vitest";
import { BLOCK_BYTES, BlockPool } from "./block-pool.ts";

it("gives buffers of exactly the size that was asked for", () => {
  const pool = new BlockPool();
  for (const sizeBytes of [0, 1, 1000, BLOCK_BYTES / 4, BLOCK_BYTES - 1, BLOCK_BYTES]) {
    expect(pool.take(sizeBytes)).toHaveLength(sizeBytes);
  }
});

it("uses the memory of a large block again, whatever its next size", () => {
  const pool = new BlockPool();
  const first = pool.take(BLOCK_BYTES);
  const { buffer } = first;
  pool.giveBack(first);
  const second = pool.take(BLOCK_BYTES / 2);
  expect(second.buffer).toBe(buffer);
  pool.giveBack(second);
  expect(pool.take(BLOCK_BYTES).buffer).toBe(buffer);
});

it("does not keep small buffers", () => {
  const pool = new BlockPool();
  const small = pool.take(100);
  pool.giveBack(small);
  expect(pool.take(100).buffer).not.toBe(small.buffer);
});

it("never gives one buffer to two", () => {
  const pool = new BlockPool();
  const taken = Array.from({ length: 50 }, () => pool.take(BLOCK_BYTES));
  for (const block of taken) pool.giveBack(block);
  const again = Array.from({ length: 50 }, () => pool.take(BLOCK_BYTES).buffer);
  expect(new Set(again).size).toBe(50);
});
