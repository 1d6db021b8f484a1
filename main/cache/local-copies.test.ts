import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import type { FetchResume } from "../parts/resume.ts";
import { MiB } from "../bytes/sizes.ts";
import { CacheFilesRig } from "./cache-files-rig.ts";
import type { Entry } from "./entry.ts";
import { LocalCopies } from "./local-copies.ts";

let rig: CacheFilesRig;
let copies: LocalCopies;
let clone: (from: string, to: string) => Promise<boolean>;
let hasRoom = true;
let saved: FetchResume[] = [];

const share = async (from: string, to: string) => {
  copyFileSync(from, to);
  return true;
};

beforeEach(() => {
  rig = new CacheFilesRig();
  clone = share;
  hasRoom = true;
  saved = [];
  copies = open();
});
afterEach(() => rig.close());

function open(): LocalCopies {
  return new LocalCopies({
    journal: rig.journal,
    held: rig.held,
    folders: rig.folders,
    clone: (from, to) => clone(from, to),
    clock: new FakeClock(),
    makeRoom: async () => hasRoom,
    onChange: () => undefined,
  });
}

const BYTES = "the bytes of the object";
const SHA256 = "a".repeat(64);

function own(given: Partial<Entry> = {}): Entry {
  return rig.file(join(rig.home, "own.bin"), BYTES, { key: "a", ...given });
}

function kept(): readonly Entry[] {
  return [...rig.journal.entries.values()].filter(({ kind }) => kind === "managed");
}

describe("keeping", () => {
  it("makes a copy that shares the file's bytes, and leaves no note", async () => {
    const entry = own();
    await copies.keep(entry, rig.signal);
    const [copy] = kept();
    expect(copy).toMatchObject({ key: "a", etag: entry.etag, rung: entry.rung, isPinned: false });
    expect(readFileSync(copy?.path ?? "", "utf8")).toBe(BYTES);
    expect(rig.journal.intents.size).toBe(0);
  });

  it("notes the copy before there is a file", async () => {
    clone = async (from, to) => {
      expect(rig.journal.intents.get(to)).toEqual({ kind: "making" });
      return await share(from, to);
    };
    await copies.keep(own(), rig.signal);
    expect(kept()).toHaveLength(1);
  });

  it("makes one of a version, and another when that was written to", async () => {
    await copies.keep(own(), rig.signal);
    await copies.keep(own(), rig.signal);
    expect(kept()).toHaveLength(1);
    writeFileSync(kept()[0]?.path ?? "", "mine");
    await copies.keep(own(), rig.signal);
    expect(kept()).toHaveLength(2);
  });

  it("E5 two writers of one copy: the second one finds that of the first", async () => {
    const entry = own();
    await Promise.all([copies.keep(entry, rig.signal), copies.keep(entry, rig.signal)]);
    expect(kept()).toHaveLength(1);
  });
});

describe("no copy", () => {
  it("is made where the file system cannot, which is not asked again", async () => {
    let asked = 0;
    clone = async () => {
      asked += 1;
      return false;
    };
    await copies.keep(own(), rig.signal);
    await copies.keep(own({ key: "b" }), rig.signal);
    expect([kept(), asked, rig.journal.intents.size]).toEqual([[], 1, 0]);
  });

  it("is made beyond the quota", async () => {
    hasRoom = false;
    await copies.keep(own(), rig.signal);
    expect(kept()).toEqual([]);
  });

  it("stays of a file that was written to meanwhile", async () => {
    clone = async (from, to) => {
      await share(from, to);
      writeFileSync(from, "another");
      return true;
    };
    await copies.keep(own(), rig.signal);
    expect(kept()).toEqual([]);
    const folder = rig.folders.defaultPath;
    expect(readdirSync(folder)).toEqual([".longhaul-cache"]);
  });

  it("is made of an empty file", async () => {
    await copies.keep({ ...own(), sizeBytes: 0 }, rig.signal);
    expect(kept()).toEqual([]);
  });
});

const object = {
  key: "a",
  sizeBytes: BYTES.length,
  etag: '"etag"',
  versionId: null,
  modifiedAtMs: 0,
};
const place = () => ({
  object,
  origin: "https://store.lab/models",
  root: rig.home,
  path: join(rig.home, "deep", "new.bin"),
});
const reach = (given: object = {}) => {
  const save = async (resume: FetchResume) => void saved.push(resume);
  return copies.reach({ ...place(), ...given }, {}, save, rig.signal);
};

describe("reaching", () => {
  it("makes the partial file of a copy that is here, known to the journal before it is there", async () => {
    const entry = own({ sha256: SHA256 });
    const reached = await reach();
    expect(saved[0]).toMatchObject({ part: { ino: "" }, durable: [] });
    expect(reached).toMatchObject({
      copy: entry,
      resume: { durable: [{ start: 0, end: BYTES.length }], proven: [] },
      pieces: [{ start: 0, end: BYTES.length, sha256: SHA256 }],
    });
    expect(readFileSync(reached?.resume.part.path ?? "", "utf8")).toBe(BYTES);
    expect(existsSync(place().path)).toBe(false);
  });

  it("copies where nothing can be shared", async () => {
    clone = async () => false;
    own({ sha256: SHA256 });
    const reached = await reach();
    expect(readFileSync(reached?.resume.part.path ?? "", "utf8")).toBe(BYTES);
  });

  it.each([
    ["another version", { etag: '"other"' }],
    ["damaged", { trouble: "damaged" }],
  ] as const)("finds no copy that is %s", async (_, given) => {
    own({ sha256: SHA256, ...given });
    expect(await reach()).toBeNull();
  });

  it("E6 cache poisoning: bytes of one place stand for none of another, with the same key and ETag", async () => {
    own({ sha256: SHA256, origin: "https://elsewhere/models" });
    expect(await reach()).toBeNull();
    own({ sha256: SHA256 });
    expect(await reach()).not.toBeNull();
  });

  it("E5 entry corrupt: finds none that was written to, nor makes anything of one that is meanwhile", async () => {
    const entry = own({ sha256: SHA256 });
    clone = async (from, to) => {
      await share(from, to);
      writeFileSync(from, "another");
      return true;
    };
    expect(await reach()).toBeNull();
    expect(readdirSync(join(rig.home, "deep"))).toEqual([]);
    expect(await reach()).toBeNull();
    expect(readFileSync(entry.path, "utf8")).toBe("another");
  });

  it("does not take the file itself for a copy of it", async () => {
    const entry = own({ sha256: SHA256 });
    expect(await reach({ path: entry.path })).toBeNull();
  });

  it("asks the origin nothing for a small one: to fetch it is as little", async () => {
    own();
    expect(await reach()).toBeNull();
    const large = { ...object, sizeBytes: MiB };
    rig.file(join(rig.home, "own.bin"), Buffer.alloc(MiB), { key: "a" });
    expect(await reach({ object: large })).toMatchObject({ pieces: null });
  });
});

describe("a run that reaches", () => {
  it("looks once whether anything of a place is here", async () => {
    let asked = 0;
    const hasEntries = rig.journal.hasEntries.bind(rig.journal);
    rig.journal.hasEntries = async (origin) => {
      asked += 1;
      return await hasEntries(origin);
    };
    const run = {};
    for (let n = 0; n < 3; n += 1)
      await copies.reach(place(), run, async () => undefined, rig.signal);
    expect(asked).toBe(1);
  });

  it("keeps a copy from being evicted while it is read", async () => {
    const entry = own({ sha256: SHA256 });
    clone = async (from, to) => {
      expect(rig.held.has(entry.path)).toBe(true);
      return await share(from, to);
    };
    await reach();
    expect(rig.held.has(entry.path)).toBe(false);
  });

  it("gives a copy up that cannot be read, and fails where the destination takes nothing", async () => {
    own({ sha256: SHA256 });
    clone = () => Promise.reject(new LonghaulError("disk-failed", "EIO"));
    expect(await reach()).toBeNull();
    clone = () => Promise.reject(new LonghaulError("disk-full", "full"));
    await expect(reach()).rejects.toMatchObject({ code: "disk-full" });
    rmSync(rig.home, { recursive: true });
  });

  it("says when a copy was used, and that it is damaged if it was", async () => {
    const entry = own({ sha256: SHA256, usedAtMs: 1 });
    const reached = await reach();
    await reached?.settle(false);
    expect(rig.journal.find(entry)).toMatchObject({ trouble: null });
    expect(rig.journal.find(entry)?.usedAtMs).not.toBe(1);
    await reached?.settle(true);
    expect(rig.journal.find(entry)).toMatchObject({ trouble: "damaged" });
  });
});
