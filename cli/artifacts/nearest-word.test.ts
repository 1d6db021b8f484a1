import { expect, it } from "vitest";
import { nearestWord } from "./nearest-word.ts";

const words = ["object", "prefix", "destination", "profile", "cache"];

it.each([
  ["objct", "object"],
  ["obejct", "object"],
  ["Destination", "destination"],
  ["dest", null],
  ["profil", "profile"],
  ["prefixes", "prefix"],
  ["cashe", "cache"],
  ["frobnicate", null],
  ["", null],
])("the word nearest to %j is %j", (given, expected) => {
  expect(nearestWord(given, words)).toBe(expected);
});
