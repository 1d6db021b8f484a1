import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { array, assert, constantFrom, property, string } from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { compareInWalk, listUpload } from "./list-upload.ts";
import { ItemPager } from "./item-pager.ts";
import { NameClaims } from "../disk/name-claims.ts";
import { anUploadSpec } from "./fixtures.ts";
import { newRecord } from "./transfer-record.ts";
import { RunRig, someId } from "./run-rig.ts";
import type { UploadSpec } from "./transfer-spec.ts";

let rig: RunRig;
const id = someId();

beforeEach(() => {
  rig = new RunRig();
  rig.isOurs = () => false;
});

afterEach(async () => {
  await rig.close();
});

async function add(given: Partial<UploadSpec>): Promise<UploadSpec> {
  const spec = anUploadSpec({ sources: [rig.path("tree")], ...given });
  await rig.book.add(newRecord(id, spec, "tree", { position: 1, wallMs: 0 }));
  return spec;
}

const isKept = async () => null;

async function list(spec: UploadSpec, signal = new AbortController().signal): Promise<void> {
  const claims = spec.sources.length > 1 ? new NameClaims({ isCaseFolded: false }) : null;
  const pager = new ItemPager(rig.book, id, () => undefined);
  await listUpload({ spec, pager, claims, isKept, nowMs: () => rig.clock.nowMs(), signal });
}

async function names(): Promise<string[]> {
  return (await rig.items(id)).map(({ name }) => name);
}

describe("what a folder holds", () => {
  it("is found in the byte order of each level, hidden files and deep ones included", async () => {
    for (const name of ["b", "a/z", "a.b", ".hidden", "a/deep/er/x", "Z"]) rig.file(`tree/${name}`);
    rig.file("tree/.DS_Store");
    await list(await add({}));
    expect(await names()).toEqual([
      "tree/.hidden",
      "tree/Z",
      "tree/a/deep/er/x",
      "tree/a/z",
      "tree/a.b",
      "tree/b",
    ]);
    expect(rig.book.get(id).listing).toMatchObject({ isComplete: true, itemCount: 6 });
  });

  it("is named from the folder's own name, or from nothing when only the contents are meant", async () => {
    rig.file("tree/a/b");
    await list(await add({ contentsOnly: true }));
    expect(await names()).toEqual(["a/b"]);
  });

  it("names what is no file, and why it is left out", async () => {
    rig.file("tree/a");
    symlinkSync("a", rig.path("tree/link"));
    symlinkSync("nowhere", rig.path("tree/dangling"));
    await list(await add({}));
    const rows = await rig.items(id);
    expect(rows.map(({ name, phase, note }) => [name, phase, note])).toEqual([
      ["tree/a", "waiting", null],
      ["tree/dangling", "skipped", "a symbolic link, not followed"],
      ["tree/link", "skipped", "a symbolic link, not followed"],
    ]);
  });

  it("follows links when asked, but not in circles", async () => {
    rig.file("tree/sub/a");
    symlinkSync("../sub", rig.path("tree/sub/again"));
    symlinkSync("sub/a", rig.path("tree/link"));
    await list(await add({ followSymlinks: true }));
    const rows = await rig.items(id);
    expect(rows.map(({ name, phase, note }) => [name, phase, note])).toEqual([
      ["tree/link", "waiting", null],
      ["tree/sub/a", "waiting", null],
      ["tree/sub/again", "skipped", "a symbolic link back to a folder it is in"],
    ]);
  });
});

describe("what is taken of a folder", () => {
  it("is filtered by the path inside the transfer", async () => {
    for (const name of ["a.bin", "a.txt", "sub/b.bin", "sub/b.txt"]) rig.file(`tree/${name}`);
    await list(await add({ include: ["**/*.bin"], exclude: ["sub/**"] }));
    expect((await names()).every((name) => name.endsWith(".bin"))).toBe(true);
    expect(await names()).toContain("tree/a.bin");
    expect(await names()).not.toContain("tree/sub/b.bin");
  });

  it.each([
    [true, ["tree/empty/"]],
    [false, []],
  ])("counts empty folders only when asked: %s", async (emptyFolders, found) => {
    mkdirSync(rig.path("tree/empty"), { recursive: true });
    await list(await add({ emptyFolders }));
    expect(await names()).toEqual(found);
  });

  it("may be nothing at all, which is a folder when asked", async () => {
    mkdirSync(rig.path("tree"));
    await list(await add({ emptyFolders: true }));
    expect(await names()).toEqual(["tree/"]);
  });

  it.skipIf(process.getuid?.() === 0)("says what cannot be read and goes on", async () => {
    rig.file("tree/a/secret");
    rig.file("tree/b");
    chmodSync(rig.path("tree/a"), 0);
    await list(await add({}));
    chmodSync(rig.path("tree/a"), 0o700);
    const rows = await rig.items(id);
    expect(rows.map(({ name, phase }) => [name, phase])).toEqual([
      ["tree/a", "failed"],
      ["tree/b", "waiting"],
    ]);
  });
});

describe("several sources", () => {
  it("are listed one after the other, and what is missing fails alone", async () => {
    rig.file("one/a");
    const sources = [rig.path("one"), rig.path("gone"), rig.file("two")];
    await list(await add({ sources }));
    const rows = await rig.items(id);
    expect(rows.map(({ name, phase, error }) => [name, phase, error?.code])).toEqual([
      ["one/a", "waiting", undefined],
      ["gone", "failed", "path-missing"],
      ["two", "waiting", undefined],
    ]);
  });

  it("never replace each other's files under one key", async () => {
    const sources = [rig.file("x/model.bin", "first"), rig.file("y/model.bin", "second")];
    await list(await add({ sources, onConflict: "replace" }));
    const rows = await rig.items(id);
    expect(rows.map(({ phase, error }) => [phase, error?.code])).toEqual([
      ["waiting", undefined],
      ["failed", "conflict"],
    ]);
    rig.isOurs = () => true;
    rig.runner.wake();
    await rig.rest(id);
    await rig.desk.resume(id);
    await rig.rest(id);
    expect(rig.stored()).toEqual({ "model.bin": "first" });
  });
});

/** Lists with a journal that fails after so many pages of items, then again without. */
async function interrupted(spec: UploadSpec, afterCommits: number): Promise<void> {
  let left = afterCommits;
  const commit = rig.journal.commit.bind(rig.journal);
  rig.journal.commit = async (changes) => {
    if (left === 0) throw new LonghaulError("disk-full", "crash");
    left -= 1;
    await commit(changes);
  };
  await expect(list(spec)).rejects.toMatchObject({ code: "disk-full" });
  rig.journal.commit = commit;
  await rig.restart();
  await list(spec);
}

describe("a listing that was interrupted", () => {
  it.each([0, 1, 2, 3, 4])("after %i commits finds every file once", async (commits) => {
    const expected: string[] = [];
    for (let n = 0; n < 1100; n += 1) {
      const name = `${n % 7}/${String(n).padStart(5, "0")}`;
      rig.file(`tree/${name}`, "");
      expected.push(`tree/${name}`);
    }
    const extra = rig.file("zz");
    const spec = await add({ sources: [rig.path("tree"), extra] });
    await interrupted(spec, commits);
    const found = await names();
    expect(found.length).toBe(1101);
    expect(found.toSorted()).toEqual([...expected, "zz"].toSorted());
    expect(rig.book.get(id).totals.counts.waiting).toBe(1101);
  });

  it("does not take a full journal for a folder that cannot be read", async () => {
    rig.file("tree/a");
    const spec = await add({});
    const commit = rig.journal.commit.bind(rig.journal);
    let isFirst = true;
    rig.journal.commit = async (changes) => {
      if (!isFirst) return await commit(changes);
      isFirst = false;
      throw new LonghaulError("disk-full", "for a moment");
    };
    const late = { nowMs: () => (rig.clock.advance(1000), rig.clock.nowMs()) };
    const pager = new ItemPager(rig.book, id, () => undefined);
    const signal = new AbortController().signal;
    const listing = listUpload({ spec, pager, claims: null, isKept, ...late, signal });
    await expect(listing).rejects.toMatchObject({ code: "disk-full" });
    await rig.restart();
    await list(spec);
    expect(await names()).toEqual(["tree/a"]);
  });
});

describe("a listing of odd names", () => {
  it.runIf(process.platform === "linux")("skips no name that is no UTF-8", async () => {
    mkdirSync(rig.path("tree"));
    const folder = Buffer.from(`${rig.path("tree")}/`);
    for (const byte of [0x61, 0xe9, 0xff]) {
      writeFileSync(Buffer.concat([folder, Buffer.of(byte)]), "x");
    }
    const spec = await add({});
    const cursors: (string | null)[] = [];
    const pager = new ItemPager(rig.book, id, () => undefined);
    const signal = new AbortController().signal;
    const late = { nowMs: () => (rig.clock.advance(1000), rig.clock.nowMs()) };
    const addItems = rig.book.addItems.bind(rig.book);
    rig.book.addItems = async (one, items, listing) => {
      if (cursors.length === 2) throw new LonghaulError("disk-full", "crash");
      cursors.push(listing.cursor);
      await addItems(one, items, listing);
    };
    await expect(
      listUpload({ spec, pager, claims: null, isKept, ...late, signal }),
    ).rejects.toThrow();
    await rig.restart();
    await list(spec);
    expect(await names()).toEqual(["tree/a", "tree/%E9", "tree/%FF"]);
  });

  it("stops at once when it is told to", async () => {
    rig.file("tree/a");
    const spec = await add({});
    await expect(list(spec, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
    expect(rig.book.get(id).listing.isComplete).toBe(false);
  });
});

describe("compareInWalk", () => {
  const name = string({ minLength: 1, maxLength: 3, unit: constantFrom("a", "b", ".", "é") });
  const path = array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

  it("is an order", () => {
    assert(
      property(path, path, path, (a, b, c) => {
        expect(Math.sign(compareInWalk(a, b))).toBe(-Math.sign(compareInWalk(b, a)) + 0);
        if (compareInWalk(a, b) <= 0 && compareInWalk(b, c) <= 0) {
          expect(compareInWalk(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it("puts a folder's contents before a longer name that begins like it", () => {
    expect(compareInWalk(join("a", "z"), "a.b")).toBeLessThan(0);
    expect(compareInWalk("a", join("a", "b"))).toBeLessThan(0);
  });
});
