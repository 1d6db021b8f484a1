import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { KiB } from "../bytes/sizes.ts";
import { abandonFetch } from "./abandon.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";
import { fetchItem } from "./fetch-item.ts";
import type { FetchItem } from "./ports.ts";

const KEY = "models/a.bin";
/** What one range is at most. */
const UNIT = 128 * KiB;
const SIZE = 4 * UNIT + 123;
const bytes = variedBytes(SIZE);

let rig: FakeRig;
beforeEach(() => {
  rig = new FakeRig();
  rig.rangeBytes = UNIT;
});
afterEach(() => {
  rig.close();
});

const fetch = (item: FetchItem, signal = rig.controller.signal) =>
  fetchItem(item, rig.fetchJournal, rig.tools, signal);
const gets = (): string[] => rig.store.calls.filter((call) => call.startsWith("get "));
const failure = (code: "unreachable" | "access-denied" | "disk-failed") =>
  new LonghaulError(code, code);
const partFiles = (): string[] =>
  existsSync(join(rig.folder, "out/models"))
    ? readdirSync(join(rig.folder, "out/models")).filter((name) => name.endsWith(".part"))
    : [];

/** The item as the journal would give it to the next run. */
const resumed = (item: FetchItem): FetchItem => ({ ...item, resume: rig.fetchResume });

/** Runs with one lane until the range at `start` is asked for, and is killed there. */
async function interruptedAt(start: number, partBytes = UNIT): Promise<FetchItem> {
  rig.store.seed(KEY, bytes, partBytes);
  rig.lanes = 1;
  rig.store.before = (call) => {
    if (call.startsWith(`get ${start}-`)) throw failure("access-denied");
  };
  const item = rig.target(KEY);
  await expect(fetch(item)).rejects.toMatchObject({ code: "access-denied" });
  rig.store.before = () => undefined;
  rig.store.calls.length = 0;
  rig.seen.length = 0;
  return resumed(item);
}

describe("going on with a fetch", () => {
  it("asks only for what is not durable", async () => {
    const item = await interruptedAt(3 * UNIT);
    const receipt = await fetch(item);
    expect(gets()).toEqual([`get ${3 * UNIT}-${4 * UNIT}`, `get ${4 * UNIT}-${SIZE}`]);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ rung: "part-sha256", movedTwiceBytes: 0 });
    expect([rig.keptBytes(), rig.doneBytes()]).toEqual([3 * UNIT, SIZE]);
    expect(rig.wire.digestCount).toBe(0);
  });

  it("proves a piece by reading back when its ranges came in two runs", async () => {
    const item = await interruptedAt(UNIT, 3 * UNIT);
    expect(await fetch(item)).toMatchObject({ rung: "part-sha256" });
    expect(gets()[0]).toBe(`get ${UNIT}-${2 * UNIT}`);
    expect(rig.wire.digestCount).toBeGreaterThan(0);
  });

  it("reads back what was durable but never proven, and fetches again what is wrong", async () => {
    const item = await interruptedAt(3 * UNIT);
    if (item.resume === null) throw new Error("nothing journaled");
    const held = readFileSync(item.resume.part.path);
    held[UNIT + 1] = 1 + (held[UNIT + 1] ?? 0);
    writeFileSync(item.resume.part.path, held);
    const receipt = await fetch({ ...item, resume: { ...item.resume, proven: [] } });
    expect(gets()).toContain(`get ${UNIT}-${2 * UNIT}`);
    expect(receipt.movedTwiceBytes).toBe(UNIT);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });
});

describe("a partial file that is not as it was", () => {
  it.each([
    ["is gone", (path: string) => rmSync(path)],
    ["is shorter", (path: string) => truncateSync(path, 10)],
    [
      "was replaced",
      (path: string) => {
        writeFileSync(`${path}.other`, Buffer.alloc(SIZE));
        renameSync(`${path}.other`, path);
      },
    ],
    [
      "is a link",
      (path: string) => {
        renameSync(path, `${path}.moved`);
        symlinkSync(`${path}.moved`, path);
      },
    ],
  ])("begins anew when the partial file %s", async (_, change) => {
    const item = await interruptedAt(3 * UNIT);
    change(item.resume?.part.path ?? "");
    await fetch(item);
    expect(gets()).toHaveLength(5);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });

  it("begins anew when the object is another one, and removes the old partial file", async () => {
    const item = await interruptedAt(3 * UNIT);
    const other = Buffer.alloc(SIZE, 7);
    rig.store.seed(KEY, other, UNIT);
    await fetch({ ...rig.target(KEY), resume: item.resume });
    expect(readFileSync(item.path).equals(other)).toBe(true);
    expect(partFiles()).toEqual([]);
  });
});

describe("a partial file that somebody wrote to", () => {
  function edit(item: FetchItem): void {
    const path = item.resume?.part.path ?? "";
    const held = readFileSync(path);
    held[UNIT + 1] = 1 + (held[UNIT + 1] ?? 0);
    writeFileSync(path, held);
  }

  it("D12 is proven again, piece by piece", async () => {
    const item = await interruptedAt(3 * UNIT);
    expect(item.resume?.proven).toEqual([{ start: 0, end: 3 * UNIT }]);
    edit(item);
    const receipt = await fetch(item);
    expect(gets()).toContain(`get ${UNIT}-${2 * UNIT}`);
    expect(receipt).toMatchObject({ rung: "part-sha256", movedTwiceBytes: UNIT });
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });

  it("D12 is fetched again where only its size could be compared", async () => {
    rig.store.isSha256Kept = false;
    rig.store.pieces = async () => null;
    const item = await interruptedAt(3 * UNIT, 3 * UNIT);
    edit(item);
    const receipt = await fetch(item);
    expect(receipt).toMatchObject({ rung: "size" });
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });
});

describe("a fetch onto a disk that cannot flush", () => {
  it("D3 fetches again what the failed flush was for, and trusts no second one", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    rig.lanes = 1;
    let syncs = 0;
    rig.wire.onSync = () => {
      if ((syncs += 1) === 1) throw failure("disk-failed");
    };
    const item = rig.target(KEY);
    const receipt = await fetch(item);
    expect(gets()).toHaveLength(10);
    expect(receipt.movedTwiceBytes).toBe(SIZE);
    expect(rig.doneBytes()).toBe(SIZE);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });

  it("D3 waits for the flush under way when what is written meanwhile fails, and goes on", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    rig.lanes = 2;
    const failed = Promise.withResolvers<void>();
    let syncs = 0;
    rig.wire.onSync = async () => {
      if ((syncs += 1) > 1) return;
      await failed.promise;
      // Later than whoever wrote meanwhile is told.
      await new Promise((resolve) => setImmediate(resolve));
      throw failure("disk-failed");
    };
    // The first range begins a flush, the second one's file is lost with it.
    rig.wire.cutAfter = () => {
      rig.clock.advance(1000);
      return undefined;
    };
    let isTold = false;
    rig.wire.corrupt = (arrived) => {
      if (syncs !== 1 || isTold) return arrived;
      isTold = true;
      failed.resolve();
      throw failure("disk-failed");
    };
    const item = rig.target(KEY);
    await fetch(item);
    expect(syncs).toBeGreaterThan(1);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });

  it("D3 gives up after the third, and on a full disk at once", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    let syncs = 0;
    const failing = (code: "disk-failed" | "disk-full") => () => {
      syncs += 1;
      throw new LonghaulError(code, code);
    };
    rig.wire.onSync = failing("disk-failed");
    await expect(fetch(rig.target(KEY))).rejects.toMatchObject({ code: "disk-failed" });
    expect(syncs).toBe(3);
    rig.wire.onSync = failing("disk-full");
    await expect(fetch(rig.target(KEY))).rejects.toMatchObject({ code: "disk-full" });
    expect(syncs).toBe(4);
  });
});

it("writes nothing into a file that has its final name already", async () => {
  const item = await interruptedAt(4 * UNIT);
  const part = rig.fetchResume?.part.path ?? "";
  linkSync(part, item.path);
  const before = readFileSync(item.path);
  await expect(fetch(item)).rejects.toMatchObject({ code: "conflict" });
  expect(gets()).toEqual([]);
  expect(readFileSync(item.path).equals(before)).toBe(true);
  expect(existsSync(part)).toBe(false);
});

describe("a fetch that ends early", () => {
  it("leaves what arrived durable when it is aborted", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    rig.lanes = 1;
    rig.store.before = (call) => {
      if (call.startsWith(`get ${2 * UNIT}-`)) rig.controller.abort();
    };
    await expect(fetch(rig.target(KEY))).rejects.toMatchObject({ name: "AbortError" });
    expect(rig.fetchResume?.durable).toEqual([{ start: 0, end: 2 * UNIT }]);
    expect(rig.fetchResume?.proven).toEqual([{ start: 0, end: 2 * UNIT }]);
    expect(partFiles()).toHaveLength(1);
  });

  it("journals nothing as durable that the disk did not keep", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    rig.wire.onSync = () => {
      throw failure("disk-failed");
    };
    await expect(fetch(rig.target(KEY))).rejects.toMatchObject({ code: "disk-failed" });
    expect(rig.fetchResume?.durable).toEqual([]);
  });

  it("removes the partial file of a fetch that is given up, and nothing else", async () => {
    const item = await interruptedAt(3 * UNIT);
    if (item.resume === null) throw new Error("nothing journaled");
    await abandonFetch(item.resume);
    expect(partFiles()).toEqual([]);
    writeFileSync(item.resume.part.path, "somebody else's");
    await abandonFetch(item.resume);
    expect(partFiles()).toHaveLength(1);
  });
});
