import { expect, it } from "vitest";
import { KeyGuess } from "./key-guess.ts";

it("sends short files unasked while the keys it meets are free", () => {
  const keys = new KeyGuess();
  expect(keys.asksFirst(256 * 1024)).toBe(false);
  keys.met(false);
  expect(keys.asksFirst(0)).toBe(false);
});

it("asks before every file as long as the last key was taken", () => {
  const keys = new KeyGuess();
  keys.met(true);
  expect(keys.asksFirst(0)).toBe(true);
  keys.met(false);
  expect(keys.asksFirst(0)).toBe(false);
});

it("always asks before a long one, which would be sent for nothing", () => {
  expect(new KeyGuess().asksFirst(256 * 1024 + 1)).toBe(true);
});
