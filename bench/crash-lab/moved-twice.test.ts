import { expect, it } from "vitest";
import type { Exchange } from "./moved-twice.ts";
import { movedTwice } from "./moved-twice.ts";

const part = (atMs: number, partNumber: number): Exchange => {
  const facts = { op: "UploadPart", key: "a", bodyBytesIn: 5, bodyBytesOut: 0 };
  return { ...facts, atMs, partNumber };
};
const get = (atMs: number, start: number, bodyBytesOut: number): Exchange => {
  const facts = { op: "GetObject", key: "a", bodyBytesIn: 0 };
  return { ...facts, atMs, range: `${start}-${start + 100}`, bodyBytesOut };
};

it("counts a part that is sent again for the kill that ended the run which sent it last", () => {
  const log = [part(1, 1), part(2, 2), part(11, 2), part(12, 3), part(21, 3), part(22, 2)];
  const { perKill, within } = movedTwice(log, [0, 10, 20]);
  expect(perKill.map(({ bodies }) => bodies)).toEqual([1, 2, 0]);
  expect(within.bodies).toBe(0);
});

it("counts what one run sends twice by itself apart", () => {
  expect(movedTwice([part(1, 1), part(2, 1)], [0]).within.bodies).toBe(1);
});

it("counts the bytes of ranges that overlap what was fetched before, whatever their edges", () => {
  const log = [get(1, 0, 50), get(2, 50, 30), get(11, 60, 40), get(21, 70, 10)];
  const { perKill, within } = movedTwice(log, [0, 10, 20]);
  expect(perKill.map(({ bytes }) => bytes)).toEqual([20, 10, 0]);
  expect(within.bytes).toBe(0);
});
