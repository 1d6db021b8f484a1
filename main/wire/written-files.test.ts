import { beforeEach, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { NEVER_BEGAN } from "./descriptor-gate.ts";
import type { Task } from "./orders.ts";
import { WrittenFiles } from "./written-files.ts";

const never = new AbortController().signal;
const EIO = new LonghaulError("disk-failed", "write /a: EIO", { details: { cause: "EIO" } });
const FOR_EIO = { code: "disk-failed", details: { cause: "EIO" } };

let told: string[];
/** By "kind worker", what it says, once. */
let failing: Map<string, LonghaulError>;
let absent: Set<number>;
let files: WrittenFiles;

beforeEach(() => {
  [told, failing, absent] = [[], new Map(), new Set()];
  const say = async (name: string) => {
    told.push(name);
    const error = failing.get(name);
    failing.delete(name);
    if (error) throw error;
  };
  files = new WrittenFiles({
    isThere: (worker) => !absent.has(worker),
    tell: async (worker, task) => await say(`${nameOf(task)} ${worker}`),
    openAndTell: async (task) => await say(`open and ${nameOf(task)}`),
  });
});

function nameOf(task: Task): string {
  return task.kind === "sync" && task.isLast === true ? "sync and close" : task.kind;
}

it("flushes in each thread that wrote", async () => {
  files.note("/a", 0);
  files.note("/a", 1);
  files.note("/b", 2);
  await files.sync("/a", never);
  expect(told).toEqual(["sync 0", "sync 1"]);
});

it("has nothing to close after the last flush, unless that failed", async () => {
  for (const worker of [0, 1]) files.note("/a", worker);
  await files.sync("/a", never, true);
  await files.close("/a", never);
  expect(told).toEqual(["sync and close 0", "sync and close 1"]);
  told.length = 0;
  files.note("/a", 1);
  failing.set("sync and close 1", EIO);
  await expect(files.sync("/a", never, true)).rejects.toBe(EIO);
  expect(told).toEqual(["sync and close 1", "close-file 1"]);
});

it("closes it where somebody began to write during the last flush", async () => {
  files.note("/a", 0);
  const last = files.sync("/a", never, true);
  files.note("/a", 1);
  await last;
  await files.close("/a", never);
  expect(told).toEqual(["sync and close 0", "close-file 1"]);
});

it("flushes what somebody else wrote, by opening it", async () => {
  await files.sync("/a", never);
  expect(told).toEqual(["open and sync"]);
});

it("after a flush that failed closes it everywhere, and is as new", async () => {
  files.note("/a", 0);
  files.note("/a", 1);
  failing.set("sync 0", EIO);
  // The other one saw the same failure.
  failing.set("close-file 1", EIO);
  await expect(files.sync("/a", never)).rejects.toBe(EIO);
  expect(told.toSorted()).toEqual(["close-file 0", "close-file 1", "sync 0", "sync 1"]);
  files.note("/a", 1);
  await files.sync("/a", never);
});

it("tells the flush after it of what a close lost, once", async () => {
  files.note("/a", 1);
  failing.set("close-file 1", EIO);
  await expect(files.close("/a", never)).rejects.toBe(EIO);
  await expect(files.sync("/a", never)).rejects.toBe(EIO);
  await files.sync("/a", never);
});

it("takes what a thread wrote that died for lost, and that of no other", async () => {
  files.note("/a", 0);
  files.note("/a", 1);
  files.note("/b", 0);
  files.died(1);
  await files.sync("/b", never);
  await expect(files.sync("/a", never)).rejects.toMatchObject(FOR_EIO);
});

it("takes the death of a thread in the middle of a flush for lost, too", async () => {
  files.note("/a", 0);
  files.note("/a", 1);
  const synced = files.sync("/a", never);
  files.died(1);
  await expect(synced).rejects.toMatchObject(FOR_EIO);
});

it("asks nothing of a thread that is not there, nor minds one that could not begin", async () => {
  files.note("/a", 0);
  files.note("/a", 1);
  absent.add(0);
  const neverBegan = new LonghaulError("internal", "EMFILE", { details: { cause: NEVER_BEGAN } });
  failing.set("sync 1", neverBegan);
  await files.sync("/a", never);
  failing.set("close-file 1", neverBegan);
  await files.close("/a", never);
  expect(told).toEqual(["sync 1", "close-file 1"]);
});
