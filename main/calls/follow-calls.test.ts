import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FollowRequest } from "#shared/follow.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { MemoryDocument } from "../profiles/fakes.ts";
import { FollowBook } from "../transfers/follow-book.ts";
import { resolveBelow } from "./calls-rig.ts";
import { followCalls } from "./follow-calls.ts";

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "longhaul-follow-calls-"));
});
afterEach(() => rmSync(base, { recursive: true }));

function calls() {
  const follows = new FollowBook(new MemoryDocument());
  const keeper = { isRunning: () => true };
  return followCalls({ follows, keeper, clock: new FakeClock(), resolve: resolveBelow(base) });
}

function request(path: string, more: object = {}) {
  const place = { profileId: "lab", bucket: "models", key: "m/", everyMs: 60_000 };
  return FollowRequest.parse({ ...place, folder: { path }, ...more });
}

it("keeps a folder as a prefix is, makes it, and lists and forgets it", async () => {
  const { "follow.set": set, "follow.list": list, "follow.remove": remove } = calls();
  const folder = join(base, "m");
  const { id } = await set(request(folder));
  expect(existsSync(folder)).toBe(true);
  expect(await list(null)).toMatchObject([{ id, folder, key: "m/", isRunning: true, last: null }]);
  await remove({ id });
  expect(await list(null)).toEqual([]);
});

it("makes the folder that downloads go to with it, but no way to a disk that is away", async () => {
  const { "follow.set": set } = calls();
  await set(request(join(base, "downloads", "m")));
  expect(existsSync(join(base, "downloads", "m"))).toBe(true);
  await set(request(join(base, "media", "disk", "m")));
  expect(existsSync(join(base, "media"))).toBe(false);
});

it("goes nowhere that the host lets nobody write, and asks no source all the time", async () => {
  await expect(calls()["follow.set"](request("/elsewhere"))).rejects.toMatchObject({
    code: "path-denied",
  });
  expect(() => request(base, { everyMs: 9_999 })).toThrow("10000");
});
