import { expect, it } from "vitest";
import type { TreeLine } from "./tree-step.ts";
import { moveInTree } from "./tree-step.ts";

const lines: readonly TreeLine[] = [
  { value: "company", level: 1, isOpen: true },
  { value: "company/models", level: 2, isOpen: null },
  { value: "company/data", level: 2, isOpen: null },
  { value: "lab", level: 1, isOpen: false },
];

it.each([
  ["ArrowDown", 0, "to company/models"],
  ["ArrowDown", 3, "nothing"],
  ["ArrowUp", 1, "to company"],
  ["ArrowUp", 0, "nothing"],
  ["Home", 2, "to company"],
  ["End", 0, "to lab"],
  ["ArrowRight", 3, "toggle lab"],
  ["ArrowRight", 0, "to company/models"],
  ["ArrowRight", 1, "nothing"],
  ["ArrowLeft", 0, "toggle company"],
  ["ArrowLeft", 2, "to company"],
  ["ArrowLeft", 3, "nothing"],
  ["Enter", 1, "pick company/models"],
  [" ", 3, "pick lab"],
  ["a", 0, "nothing"],
  ["Enter", 9, "nothing"],
])("%s on line %d: %s", (key, at, what) => {
  const move = moveInTree(key, lines, at);
  expect(move ? `${move.kind} ${move.value}` : "nothing").toBe(what);
});
