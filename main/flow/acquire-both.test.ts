import { beforeEach, expect, it } from "vitest";
import { acquireBoth } from "./acquire-both.ts";

let steps: string[];
beforeEach(() => {
  steps = [];
});

const having = (name: string) => async () => {
  steps.push(name);
  return () => void steps.push(`${name} back`);
};

it("takes the one, then the other, and gives them back the other way round", async () => {
  const giveBack = await acquireBoth(having("turn"), having("slot"));
  giveBack();
  expect(steps).toEqual(["turn", "slot", "slot back", "turn back"]);
});

it("gives the first back when it cannot have the second", async () => {
  const failing = async () => await Promise.reject(new Error("aborted"));
  await expect(acquireBoth(having("turn"), failing)).rejects.toThrow("aborted");
  expect(steps).toEqual(["turn", "turn back"]);
});
