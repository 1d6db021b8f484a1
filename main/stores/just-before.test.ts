import { assert, property, string } from "fast-check";
import { expect, it } from "vitest";
import { justBefore } from "./just-before.ts";
import { compareKeys } from "./key-order.ts";

it.each([
  ["m/0002", "m/0001~"],
  ["m/0000", "m/000/~"],
  ["a/b", "a/a~"],
  ["a/é", "a/"],
  ["a/😀", "a/"],
  ["a/ ", "a/"],
  ["a/!", "a/"],
  ["x", "w~"],
])("a listing that begins with %s starts behind %s", (key, expected) => {
  expect(justBefore(key)).toBe(expected);
});

it("is before every key", () => {
  assert(
    property(string({ unit: "binary", minLength: 1 }), (key) => {
      expect(compareKeys(justBefore(key), key)).toBeLessThan(0);
    }),
  );
});
