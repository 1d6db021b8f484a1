import {
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hash } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import { FakeRig, variedBytes } from "../parts/fake-rig.ts";
import { toFileStamp } from "../disk/file-stamp.ts";
import { CacheWorker } from "./cache-worker.ts";
import type { Entry, EntryId } from "./entry.ts";
import { aCopy, FakeCacheJournal } from "./fake-cache-journal.ts";

const PART = 1000;
const BYTES = variedBytes(4 * PART);

let parts: FakeRig;
let journal: FakeCacheJournal;
let worker: CacheWorker;
let canClone = false;
let isInSight = true;
/** Called before each stretch is read. */
let beforeRead: (path: string, range: ByteRange) => void | Promise<void> = () => undefined;
let opened = 0;

beforeEach(() => {
  parts = new FakeRig();
  journal = new FakeCacheJournal();
  canClone = false;
  isInSight = true;
  beforeRead = () => undefined;
  opened = 0;
  worker = new CacheWorker({
    journal,
    clock: parts.clock,
    open: async () => {
      opened += 1;
      return parts.tools;
    },
    digest: async (path, range, signal) => {
      await beforeRead(path, range);
      const source = { path, start: range.start, end: range.end };
      return await parts.wire.digest({ source, algorithm: "sha256" }, signal);
    },
    clone: async (from, to) => {
      if (canClone) copyFileSync(from, to);
      return canClone;
    },
    isInSight: async () => isInSight,
    onChange: () => undefined,
  });
});
afterEach(() => parts.close());

/** An object in four parts, and its copy here. */
function copyOf(key: string, given: Partial<Entry> = {}, partBytes = PART): Entry {
  const object = parts.store.seed(key, BYTES, partBytes);
  const path = join(parts.folder, `${key}.bin`);
  writeFileSync(path, BYTES);
  const entry = aCopy({
    path,
    key,
    etag: object.etag,
    sizeBytes: BYTES.length,
    stamp: stampAt(path),
    ...given,
  });
  journal.put(entry);
  return entry;
}

function stampAt(path: string) {
  return toFileStamp(statSync(path, { bigint: true }));
}

/** Other bytes at these places; the time of the file is as it was, as a bad disk leaves it. */
function rot({ path }: Entry, ...places: readonly number[]): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  for (const place of places) bytes[place] = (bytes[place] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

/** And nobody could see it. */
function rotUnseen(entry: Entry, ...places: readonly number[]): void {
  rot(entry, ...places);
  journal.put({ ...entry, stamp: stampAt(entry.path) });
}

async function run(kind: "verify" | "repair", ids: readonly EntryId[] | null = null) {
  worker.start(kind, ids);
  while (worker.state().now !== null) await new Promise((resolve) => setImmediate(resolve));
  const { last } = worker.state();
  if (last === null) throw new Error("nothing has ended");
  return last;
}

const now = (entry: Entry) => journal.find(entry);
const fetched = () => parts.store.calls.filter((call) => call.startsWith("get"));

describe("verifying", () => {
  it("finds a right copy right, and keeps what it learned of its pieces", async () => {
    const entry = copyOf("a");
    expect(await run("verify")).toMatchObject({
      doneCount: 1,
      damagedCount: 0,
      doneBytes: 4 * PART,
    });
    expect(now(entry)).toMatchObject({ trouble: null });
    expect(now(entry)?.verifiedAtMs).not.toBeNull();
    expect(await journal.entryPieces(entry)).toHaveLength(4);
  });

  it("asks nobody the second time", async () => {
    copyOf("a");
    await run("verify");
    await run("verify");
    expect(opened).toBe(1);
  });

  it("finds damage that no stamp shows", async () => {
    const entry = copyOf("a");
    rotUnseen(entry, 1500);
    expect(await run("verify")).toMatchObject({ damagedCount: 1 });
    expect(now(entry)).toMatchObject({ trouble: "damaged", verifiedAtMs: null });
  });

  it("takes a managed copy that was written to for damaged, a user's own for changed", async () => {
    const managed = copyOf("a", { kind: "managed" });
    const own = copyOf("b");
    for (const { path } of [managed, own]) writeFileSync(path, "mine");
    expect(await run("verify")).toMatchObject({ damagedCount: 1, changedCount: 1 });
    expect([now(managed)?.trouble, now(own)?.trouble]).toEqual(["damaged", "changed"]);
  });

  it("finds a file right again whose time alone is another one", async () => {
    const entry = copyOf("a");
    writeFileSync(entry.path, BYTES);
    utimesSync(entry.path, 1, 1);
    expect(await run("verify")).toMatchObject({ changedCount: 0, damagedCount: 0 });
    expect(now(entry)?.stamp).toEqual(stampAt(entry.path));
  });

  it("marks what is gone as missing, but not what is out of sight", async () => {
    const entry = copyOf("a");
    rmSync(entry.path);
    isInSight = false;
    expect(await run("verify")).toMatchObject({ missingCount: 1 });
    expect(now(entry)?.trouble).toBeNull();
    isInSight = true;
    await run("verify");
    expect(now(entry)?.trouble).toBe("missing");
  });
});

describe("a file that is fetched anew while it is read", () => {
  /** The next version takes its place. */
  function replace(entry: Entry): void {
    writeFileSync(entry.path, "next");
    journal.put({ ...entry, etag: '"next"', sizeBytes: 4, stamp: stampAt(entry.path) });
  }

  it("is not called changed, and not counted", async () => {
    const entry = copyOf("a");
    beforeRead = () => replace(entry);
    expect(await run("verify")).toMatchObject({ doneCount: 1, changedCount: 0 });
    expect(now(entry)).toMatchObject({ etag: '"next"', trouble: null });
  });

  it("is not called right by a verdict that comes late", async () => {
    const entry = copyOf("a");
    journal.before = () => replace(entry);
    await run("verify");
    expect(now(entry)).toMatchObject({ etag: '"next"', verifiedAtMs: null });
    expect(journal.pieces.size).toBe(0);
  });

  it("is not called changed by a repair that ends late", async () => {
    parts.store.isSha256Kept = false;
    const entry = copyOf("a", { rung: "md5-etag" }, 0);
    rotUnseen(entry, 10);
    await run("verify");
    beforeRead = (path) => {
      if (readFileSync(path).equals(BYTES)) replace(entry);
    };
    await run("repair");
    expect(now(entry)).toMatchObject({ etag: '"next"', trouble: null });
  });
});

describe("verifying without a better digest", () => {
  it("says nothing of a copy whose origin has another object now, and none of whose digests are known", async () => {
    const entry = copyOf("a");
    parts.store.seed("a", variedBytes(5), 0);
    expect(await run("verify")).toMatchObject({ unprovenCount: 1 });
    expect(now(entry)).toMatchObject({ trouble: null, verifiedAtMs: null });
  });

  it("compares by our own SHA-256 of the whole where the origin is away", async () => {
    const entry = copyOf("a", { sha256: hash("sha256", BYTES) });
    expect(await run("verify")).toMatchObject({ unprovenCount: 0, failedCount: 0 });
    expect(opened).toBe(0);
    rotUnseen(entry, 3);
    expect(await run("verify")).toMatchObject({ damagedCount: 1 });
  });

  it("compares by the ETag where there is nothing better, which proves damage only where it once was one", async () => {
    parts.store.isSha256Kept = false;
    const once = copyOf("a", { rung: "md5-etag" }, 0);
    const never = copyOf("b", { rung: "size" }, 0);
    expect(await run("verify")).toMatchObject({ damagedCount: 0, unprovenCount: 0 });
    for (const entry of [once, never]) {
      journal.pieces.clear();
      rotUnseen(entry, 3);
    }
    expect(await run("verify")).toMatchObject({ damagedCount: 1, unprovenCount: 1 });
  });
});

describe("work", () => {
  it("goes on after one that fails, and names it", async () => {
    const entry = copyOf("a");
    copyOf("b");
    parts.store.before = (call) => {
      if (call === "stat a") throw new LonghaulError("access-denied", "no");
    };
    const ended = await run("verify");
    expect(ended).toMatchObject({ doneCount: 2, failedCount: 1 });
    expect(ended.failures).toMatchObject([
      { id: { path: entry.path }, error: { code: "access-denied" } },
    ]);
  });

  it("is stopped in the middle, and no second one begins beside it", async () => {
    copyOf("a");
    copyOf("b");
    beforeRead = async () => {
      expect(() => worker.start("repair", null)).toThrow("under way");
      void worker.stop();
    };
    expect(await run("verify")).toMatchObject({ isStopped: true, failures: [] });
  });
});

describe("repairing", () => {
  it.each([true, false])("fetches only what is wrong, shared bytes: %s", async (can) => {
    canClone = can;
    const entry = copyOf("a");
    rotUnseen(entry, 10, 2500);
    await run("verify");
    expect(fetched()).toEqual([]);
    expect(await run("repair")).toMatchObject({ repairedCount: 1, fetchedBytes: 2 * PART });
    expect(readFileSync(entry.path).equals(BYTES)).toBe(true);
    expect(now(entry)).toMatchObject({ trouble: null, stamp: stampAt(entry.path) });
    expect(readdirSync(parts.folder)).toEqual(["a.bin"]);
    expect(journal.intents.size).toBe(0);
    expect(fetched()).toHaveLength(2);
  });

  it("notes the file beside before there is one, and never writes to the damaged one", async () => {
    const entry = copyOf("a");
    rotUnseen(entry, 10);
    await run("verify");
    const { ino } = statSync(entry.path);
    const damaged = readFileSync(entry.path);
    let noted = 0;
    parts.store.before = (call) => {
      if (!call.startsWith("get")) return;
      noted = journal.intents.size;
      expect(readFileSync(entry.path).equals(damaged)).toBe(true);
    };
    await run("repair");
    expect(noted).toBe(1);
    expect(statSync(entry.path).ino).not.toBe(ino);
  });

  it("leaves a file that was changed by hand alone, unless it is named", async () => {
    const entry = copyOf("a");
    writeFileSync(entry.path, Buffer.concat([BYTES.subarray(0, 3999), Buffer.from("!")]));
    utimesSync(entry.path, 1, 1);
    await run("verify");
    expect(now(entry)?.trouble).toBe("changed");
    expect(await run("repair")).toMatchObject({ totalCount: 0 });
    expect(await run("repair", [entry])).toMatchObject({ repairedCount: 1, fetchedBytes: PART });
    expect(readFileSync(entry.path).equals(BYTES)).toBe(true);
  });
});

describe("repairing beside people", () => {
  it("replaces no file that was written to after it was found damaged", async () => {
    const entry = copyOf("a");
    rotUnseen(entry, 10);
    await run("verify");
    writeFileSync(entry.path, "mine");
    const { failures } = await run("repair");
    expect(failures).toMatchObject([{ error: { code: "source-changed" } }]);
    expect(readFileSync(entry.path, "utf8")).toBe("mine");
  });

  it("replaces no file that is written to while pieces are fetched, and leaves nothing behind", async () => {
    const entry = copyOf("a");
    rotUnseen(entry, 10);
    await run("verify");
    parts.store.before = (call) => {
      if (call.startsWith("get")) writeFileSync(entry.path, "mine");
    };
    const { failures } = await run("repair");
    expect(failures).toMatchObject([{ error: { code: "conflict" } }]);
    expect(readFileSync(entry.path, "utf8")).toBe("mine");
    expect(readdirSync(parts.folder)).toEqual(["a.bin"]);
    expect(journal.intents.size).toBe(0);
  });

  it("keeps the damaged file when the origin has another object now", async () => {
    const entry = copyOf("a");
    rotUnseen(entry, 10);
    await run("verify");
    parts.store.seed("a", variedBytes(5), 0);
    const { failures } = await run("repair");
    expect(failures).toMatchObject([{ error: { code: "object-changed" } }]);
    expect(now(entry)).toMatchObject({ trouble: "damaged" });
  });
});

describe("repairing without digests at the origin", () => {
  it("fetches the whole where nothing says which bytes are wrong, and says so", async () => {
    parts.store.isSha256Kept = false;
    const entry = copyOf("a", { rung: "md5-etag" }, 0);
    rotUnseen(entry, 10);
    await run("verify");
    const ended = await run("repair");
    expect(ended).toMatchObject({ repairedCount: 1, fetchedBytes: 4 * PART });
    expect(ended.notes).toEqual([expect.stringContaining("as a whole")]);
    expect(readFileSync(entry.path).equals(BYTES)).toBe(true);
  });

  it("learns no digests of what somebody wrote as soon as it was mended", async () => {
    parts.store.isSha256Kept = false;
    const entry = copyOf("a", { rung: "md5-etag" }, 0);
    rotUnseen(entry, 10);
    await run("verify");
    beforeRead = (path) => {
      if (readFileSync(path).equals(BYTES)) writeFileSync(path, Buffer.alloc(BYTES.length, 7));
    };
    await run("repair");
    expect(now(entry)).toMatchObject({ trouble: "changed" });
    await run("verify");
    expect(now(entry)).toMatchObject({ trouble: "changed" });
  });

  it("mends by our own digests what the origin has none of, and proves the whole by them", async () => {
    parts.store.isSha256Kept = false;
    const entry = copyOf("a", { rung: "md5-etag" }, 0);
    const pieces = [0, 1, 2, 3].map((n) => {
      const range = { start: n * PART, end: (n + 1) * PART };
      return { ...range, sha256: hash("sha256", BYTES.subarray(range.start, range.end)) };
    });
    journal.pieces.set(JSON.stringify([entry.path, entry.origin, entry.key]), pieces);
    rotUnseen(entry, 1500);
    await run("verify");
    expect(await run("repair")).toMatchObject({ fetchedBytes: PART, notes: [] });
    expect(readFileSync(entry.path).equals(BYTES)).toBe(true);
  });

  it("finds that nothing is wrong after a crash behind the last step", async () => {
    const entry = copyOf("a", { trouble: "damaged" });
    expect(await run("repair", [entry])).toMatchObject({ repairedCount: 0, failedCount: 0 });
    expect(now(entry)).toMatchObject({ trouble: null });
    expect(fetched()).toEqual([]);
  });

  it("keeps the permissions of the file", async () => {
    const entry = copyOf("a");
    chmodSync(entry.path, 0o640);
    rotUnseen(entry, 10);
    await run("verify");
    await run("repair");
    expect(statSync(entry.path).mode & 0o777).toBe(0o640);
  });
});
