import { array, assert, property, string } from "fast-check";
import { expect, it } from "vitest";
import { SortedNames } from "./sorted-names.ts";

function sorted(names: Iterable<string>): string[] {
  const all = new SortedNames();
  for (const name of names) all.add(name);
  return [...all];
}

const inBytes = (names: readonly string[]) =>
  names.toSorted((a, b) => Buffer.compare(Buffer.from(a, "latin1"), Buffer.from(b, "latin1")));

it("gives names in the order of their bytes, whatever these are", () => {
  const name = string({ minLength: 1, maxLength: 12, unit: "binary-ascii" }).map((text) =>
    text.replaceAll("\0", "ÿ"),
  );
  assert(
    property(array(name), (names) => {
      expect(sorted(names)).toEqual(inBytes(names));
    }),
  );
});

it("gives every name of a long folder once, in order", () => {
  const count = 35_001;
  // 7919 is prime to the count, so each number comes once, far from those beside it.
  const names = Array.from({ length: count }, (_, n) => `part-${(n * 7919) % count}.bin`);
  const all = new SortedNames();
  for (const name of names) all.add(name);
  expect(all.size).toBe(count);
  expect([...all]).toEqual(inBytes(names));
  expect([...all]).toHaveLength(count);
});

it.each([0, 1, 9_999, 10_000, 10_001, 20_000])("has no name too many among %i", (count) => {
  const names = Array.from({ length: count }, (_, n) => String(n).padStart(6, "0"));
  expect(sorted(names.toReversed())).toEqual(names);
});
