import { describe, expect, it } from "vitest";
import { figuresOf, medianOf, tableOf } from "./figures.ts";
import { parseTaken } from "./measure.ts";

const taken = (wallSeconds: number) => ({
  wallSeconds,
  cpuSeconds: 2 * wallSeconds,
  peakBytes: 100 * 1024 ** 2,
});

it.each([
  [[3], 3],
  [[5, 1, 3], 3],
  [[1, 4], 2.5],
])("takes the middle of %j", (values, middle) => {
  expect(medianOf(values)).toBe(middle);
});

it("gives CPU time for each GiB that moved", () => {
  expect(figuresOf("curl", [taken(1), taken(3), taken(2)], 2 * 1024 ** 3)).toEqual({
    client: "curl",
    wallSeconds: 2,
    cpuSeconds: 4,
    cpuSecondsPerGib: 2,
    peakMib: 100,
    runs: 3,
  });
});

it("gives none for what moves no payload", () => {
  expect(figuresOf("aws", [taken(1)], 0).cpuSecondsPerGib).toBeNull();
});

it("shows how many times as long the others took", () => {
  const rows = [
    figuresOf("longhaul", [taken(2)], 1024 ** 3),
    figuresOf("aws", [taken(5)], 1024 ** 3),
  ];
  expect(tableOf("down", rows).split("\n").slice(4)).toEqual([
    "| longhaul | 2.00 | 1.00 | 4.00 | 4.00 | 100 |",
    "| aws | 5.00 | 2.50 | 10.00 | 10.00 | 100 |",
  ]);
});

describe("what GNU time writes", () => {
  it("is read from its last line", () => {
    expect(parseTaken("Command exited\n1.50 0.70 0.30 2048\n")).toEqual({
      wallSeconds: 1.5,
      cpuSeconds: 1,
      peakBytes: 2 * 1024 ** 2,
    });
  });

  it("is refused when it is something else", () => {
    expect(() => parseTaken("no such file")).toThrow("nobody asked for");
  });
});
