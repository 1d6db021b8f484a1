import { beforeEach, expect, it } from "vitest";
import { OpenFiles } from "./open-files.ts";

let files: OpenFiles;
let calls: string[];
let failing: Set<string>;
let holds: PromiseWithResolvers<void> | null;
/** The calls that wait for `holds`. */
let held: string;
let lastFd: number;

beforeEach(() => {
  [calls, failing, holds, held, lastFd] = [[], new Set(), null, "close", 0];
  const call = async (name: string) => {
    calls.push(name);
    if (name.startsWith(held)) await holds?.promise;
    if (failing.delete(name)) throw Object.assign(new Error(name), { code: "EIO" });
  };
  files = new OpenFiles({
    open: async () => {
      lastFd += 1;
      await call(`open ${lastFd}`);
      return lastFd;
    },
    sync: async (fd) => await call(`sync ${fd}`),
    close: async (fd) => await call(`close ${fd}`),
  });
});

const write = async () => await files.use("/a", async () => undefined);
const EIO = { code: "disk-failed", details: { cause: "EIO" } };

it("an idle file is flushed before it is closed, and only where something was written since", async () => {
  await write();
  await files.closeIdle();
  await write();
  await files.sync("/a");
  await files.close("/a");
  const first = ["open 1", "sync 1", "close 1"];
  expect(calls).toEqual([...first, "open 2", "sync 2", "close 2"]);
});

it.each(["sync 1", "close 1"])(
  "a lost write is told by the next flush when %s of an idle file failed",
  async (name) => {
    failing.add(name);
    await write();
    await files.closeIdle();
    await write();
    await expect(files.sync("/a")).rejects.toMatchObject(EIO);
    // Once: what was written since is flushed and durable.
    await files.sync("/a");
  },
);

it("a lost write is told by the close of a file that was not flushed", async () => {
  failing.add("sync 1");
  await write();
  await expect(files.close("/a")).rejects.toMatchObject(EIO);
  expect(calls).toEqual(["open 1", "sync 1", "close 1"]);
});

it("a lost write is told by a flush that begins while the file is still being closed", async () => {
  holds = Promise.withResolvers();
  failing.add("close 1");
  await write();
  const closed = files.closeIdle();
  await write();
  const synced = expect(files.sync("/a")).rejects.toMatchObject(EIO);
  holds.resolve();
  await Promise.all([closed, synced]);
});

it("a lost write is told by those who wrote while a flush failed", async () => {
  const [writing, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const use = files.use("/a", async () => {
    writing.resolve();
    await finish.promise;
  });
  await writing.promise;
  failing.add("sync 1");
  await expect(files.sync("/a")).rejects.toMatchObject(EIO);
  finish.resolve();
  await expect(use).rejects.toMatchObject(EIO);
  // The system told this descriptor once: asked again it would say that all is well.
  expect(calls).toEqual(["open 1", "sync 1", "close 1"]);
});

it("nothing is lost where a file could not be opened, and what others wrote is flushed when asked for", async () => {
  failing.add("open 1");
  await expect(write()).rejects.toMatchObject(EIO);
  await files.sync("/a");
  expect(calls).toEqual(["open 1"]);
  await files.sync("/a", true);
  // It is not kept open: nobody here writes it, and nobody would close it.
  expect(calls).toEqual(["open 1", "open 2", "sync 2", "close 2"]);
});

it("a flush ends before its answer, also when the file is closed in the same breath", async () => {
  [holds, held] = [Promise.withResolvers(), "sync"];
  await write();
  let isSynced = false;
  const synced = files.sync("/a").then(() => (isSynced = true));
  const closed = files.close("/a");
  await new Promise((resolve) => setImmediate(resolve));
  expect([isSynced, calls]).toEqual([false, ["open 1", "sync 1"]]);
  holds.resolve();
  await Promise.all([synced, closed]);
  expect(calls).toEqual(["open 1", "sync 1", "close 1"]);
});
