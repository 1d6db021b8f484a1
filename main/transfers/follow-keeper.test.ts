import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { FollowId } from "#shared/follow.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { MemoryDocument } from "../profiles/fakes.ts";
import { FollowBook } from "./follow-book.ts";
import { FollowKeeper } from "./follow-keeper.ts";
import { Gate, RunRig } from "./run-rig.ts";

const EVERY_MS = 600_000;

let rig: RunRig;
let follows: FollowBook;
let keeper: FollowKeeper;
const lines: string[] = [];
const document = new MemoryDocument();

beforeEach(() => {
  rig = new RunRig();
  mkdirSync(rig.path("down"));
  lines.length = 0;
  document.write("follows", []);
  openKeeper();
});
afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

function openKeeper(): void {
  follows = new FollowBook(document);
  const { book, desk, clock } = rig;
  keeper = new FollowKeeper({ follows, book, desk, clock, log: (text) => void lines.push(text) });
}

function follow(key = "m/"): FollowId {
  const request = { profileId: ProfileId.parse("lab"), bucket: "models", include: [], exclude: [] };
  const folder = rig.path("down");
  return follows.set({ ...request, key, folder, everyMs: EVERY_MS }, rig.clock.wallMs());
}

function seed(...keys: readonly string[]): void {
  for (const key of keys) rig.store.seed(`m/${key}`, Buffer.from(key));
}

/** What is due runs to its end. @returns what the store was asked for. */
async function round(): Promise<{ lists: number; calls: readonly string[] }> {
  rig.store.calls.length = 0;
  rig.store.listCount = 0;
  await keeper.look();
  for (const { id } of rig.book.list()) await rig.rest(id);
  await keeper.look();
  return { lists: rig.store.listCount, calls: [...rig.store.calls] };
}

it("picks up one changed object of a prefix, and only that", async () => {
  seed("a", "b/c", "d");
  const id = follow();
  expect((await round()).calls.filter((call) => call.startsWith("get"))).toHaveLength(3);
  expect(follows.find(id)?.last).toMatchObject({ error: null, counts: { moves: 3 } });
  rig.clock.advance(EVERY_MS);
  expect(await round()).toEqual({ lists: 1, calls: [] });
  rig.store.seed("m/b/c", Buffer.from("new"));
  rig.clock.advance(EVERY_MS);
  const { lists, calls } = await round();
  expect(lists).toBe(1);
  expect(calls.filter((call) => call.startsWith("get"))).toHaveLength(1);
  expect(follows.find(id)?.last?.counts).toMatchObject({ moves: 1, same: 2 });
  expect(rig.read("down/b/c")).toBe("new");
});

it("follows one object, and asks for nothing before it is due", async () => {
  rig.store.seed("m/one", Buffer.from("1"));
  follow("m/one");
  await round();
  expect(rig.read("down/one")).toBe("1");
  rig.clock.advance(EVERY_MS - 1);
  expect(await round()).toEqual({ lists: 0, calls: [] });
  rig.clock.advance(1);
  expect(await round()).toEqual({ lists: 0, calls: ["stat m/one"] });
});

it("never deletes, also where nothing is left at the source, and tells of that", async () => {
  seed("a");
  const id = follow();
  await round();
  rig.store.objects.clear();
  rig.clock.advance(EVERY_MS);
  await round();
  expect(rig.read("down/a")).toBe("a");
  expect(follows.find(id)?.last?.error).toMatchObject({ code: "object-missing" });
  expect(lines).toEqual([expect.stringContaining("models/m/ could not be followed")]);
});

it("runs each once at a time, however long it takes", async () => {
  seed("a");
  const gate = new Gate();
  rig.store.before = async (call) => {
    if (call.startsWith("get")) await gate.pass();
  };
  const id = follow();
  await keeper.look();
  await gate.reached;
  rig.clock.advance(EVERY_MS * 3);
  await keeper.look();
  expect([keeper.isRunning(id), rig.book.list().length]).toEqual([true, 1]);
  gate.open();
  await round();
  expect(keeper.isRunning(id)).toBe(false);
});

it("waits longer with every failure, and as asked for after a run that went well", async () => {
  seed("a");
  const id = follow();
  rig.beforeOpen = () => {
    throw new LonghaulError("access-denied", "not yours");
  };
  const waits: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    await round();
    const { nextAtMs = 0 } = follows.find(id) ?? {};
    waits.push((nextAtMs - rig.clock.wallMs()) / EVERY_MS);
    rig.clock.advance(nextAtMs - rig.clock.wallMs());
  }
  expect(waits).toEqual([2, 4, 6, 6, 6]);
  expect(follows.find(id)).toMatchObject({
    failures: 5,
    last: { error: { code: "access-denied" } },
  });
  rig.beforeOpen = () => undefined;
  await round();
  // It went on with the one that failed, and looks anew right away.
  expect(follows.find(id)).toMatchObject({ failures: 0, nextAtMs: rig.clock.wallMs() });
  await round();
  expect(follows.find(id)?.nextAtMs).toBe(rig.clock.wallMs() + EVERY_MS);
});

it("keeps the list short: only the last run that moved something is in it", async () => {
  seed("a");
  follow();
  for (const content of ["1", "2", "2", "3"]) {
    rig.store.seed("m/a", Buffer.from(content));
    await round();
    rig.clock.advance(EVERY_MS);
  }
  expect(rig.book.list()).toHaveLength(1);
  expect(rig.book.list()[0]?.counters.sync).toMatchObject({ moves: 1 });
});

it("goes on after a restart with what was under way, and keeps to its interval", async () => {
  seed("a", "b");
  const gate = new Gate();
  rig.store.before = async (call, attempt) => {
    if (call.startsWith("get") && attempt === 1) await gate.pass();
  };
  const id = follow();
  await keeper.look();
  await gate.reached;
  const restarting = rig.restart();
  gate.open();
  await restarting;
  openKeeper();
  rig.runner.wake();
  await round();
  await round();
  expect(rig.book.list().length).toBeLessThanOrEqual(1);
  expect([rig.read("down/a"), rig.read("down/b")]).toEqual(["a", "b"]);
  expect(follows.find(id)?.nextAtMs).toBe(rig.clock.wallMs() + EVERY_MS);
});

it("forgets what is followed no more while it runs, and runs until it is told to end", async () => {
  seed("a");
  const id = follow();
  await keeper.look();
  follows.remove(id);
  await round();
  expect(keeper.isRunning(id)).toBe(false);
  const ending = new AbortController();
  const sleep = rig.clock.sleep.bind(rig.clock);
  rig.clock.sleep = async (ms, signal) => {
    if (rig.clock.sleptMs.length === 3) ending.abort();
    await sleep(ms, signal);
  };
  await keeper.run(ending.signal);
  expect(rig.clock.sleptMs).toEqual([30_000, 30_000, 30_000]);
});
