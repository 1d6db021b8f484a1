import { expect, it } from "vitest";
import { Lanes } from "./lanes.ts";

it("lets as much run as there is room for, and the next when one gives back", async () => {
  const lanes = new Lanes(6);
  const started: string[] = [];
  const start = async (name: string, weight: number) => {
    const giveBack = await lanes.take(weight);
    started.push(name);
    return giveBack;
  };
  const first = await start("first", 2);
  await start("second", 2);
  await start("third", 2);
  const waiting = start("fourth", 2);
  const small = start("small", 1);
  await Promise.resolve();
  expect(started).toEqual(["first", "second", "third"]);
  first();
  await waiting;
  expect(started).toEqual(["first", "second", "third", "fourth"]);
  (await waiting)();
  await small;
  expect(started.at(-1)).toBe("small");
});
