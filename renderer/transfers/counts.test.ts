import { expect, it } from "vitest";
import { SCENES } from "../fixture/scenes.ts";
import { profileFromAws } from "./aws-profile.ts";
import { idsBetween } from "./ids-between.ts";
import { countGroups } from "./use-counts.ts";
import { countRunning } from "./use-sentence.ts";

const full = SCENES["full"]?.() ?? [];

it("counts each group once", () => {
  expect(countGroups(full)).toEqual({ asking: 1, active: 5, waiting: 3, done: 3 });
});

it("counts the slots that each direction uses, stalled and verifying ones too", () => {
  expect(countRunning(full, "download")).toBe(4);
  expect(countRunning(full, "upload")).toBe(1);
});

it.each([
  ["b", "d", ["b", "c", "d"]],
  ["d", "b", ["b", "c", "d"]],
  ["c", "c", ["c"]],
  ["c", "gone", []],
])("takes all from %s to %s", (one, other, between) => {
  expect(idsBetween(["a", "b", "c", "d"], one, other)).toEqual(between);
});

it("makes a profile of a name in ~/.aws, without keys of its own", () => {
  expect(profileFromAws("research")).toMatchObject({
    id: "aws-research",
    name: "research",
    endpoint: { kind: "aws" },
    credentials: { kind: "aws-profile", profileName: "research" },
  });
  expect(profileFromAws("x".repeat(200)).name).toHaveLength(64);
});
