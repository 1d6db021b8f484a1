import { expect, it } from "vitest";
import { readAhead } from "./read-ahead.ts";

async function* countTo(last: number, made: number[]) {
  for (let value = 1; value <= last; value += 1) {
    made.push(value);
    yield value;
  }
}

it("makes values before they are taken, and no more than the limit", async () => {
  const made: number[] = [];
  const ahead = readAhead(countTo(10, made), 3);
  expect(await ahead.next()).toEqual({ value: 1, done: false });
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  expect(made).toEqual([1, 2, 3]);
});

it("hands out everything in order", async () => {
  const taken: number[] = [];
  for await (const value of readAhead(countTo(7, []), 4)) taken.push(value);
  expect(taken).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

it("throws what the source throws, after what came before", async () => {
  async function* failing() {
    yield "first";
    throw new Error("gone");
  }
  const ahead = readAhead(failing(), 5);
  expect(await ahead.next()).toEqual({ value: "first", done: false });
  await expect(ahead.next()).rejects.toThrow("gone");
});
