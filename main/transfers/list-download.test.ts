import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { ListingStore } from "./fake-listing-store.ts";
import { ListRig } from "./list-rig.ts";
import type { DownloadSpec } from "./transfer-spec.ts";

let listing: ListRig;
let store: ListingStore;
let rig: ListRig["run"];
let id: ListRig["id"];

beforeEach(() => {
  listing = new ListRig();
  ({ store, run: rig, id } = listing);
});

afterEach(async () => {
  await listing.close();
});

const add = async (given: Partial<DownloadSpec>) => await listing.add(given);
const list = async () => await listing.list();
const rows = async () => await listing.rows();

describe("the objects of a download, as they are listed,", () => {
  it("are what lies under a prefix, named from its last part", async () => {
    store.keys = ["m/llama/", "m/llama/a", "m/llama/b/c", "other"];
    await add({ keys: ["m/llama/"] });
    await list();
    expect(await rows()).toEqual([
      ["llama/", "waiting", null],
      ["llama/a", "waiting", null],
      ["llama/b/c", "waiting", null],
    ]);
  });

  it("leave out the prefix itself when only its contents are meant", async () => {
    store.keys = ["m/", "m/a"];
    await add({ keys: ["m/"], contentsOnly: true });
    await list();
    expect(await rows()).toEqual([["a", "waiting", null]]);
  });

  it("are filtered by name", async () => {
    store.keys = ["m/a.bin", "m/a.txt"];
    await add({ keys: ["m/"], exclude: ["**/*.txt"] });
    await list();
    expect((await rows()).map(([name]) => name)).toEqual(["m/a.bin"]);
  });
});

describe.runIf(process.platform === "linux")("names that differ in case alone", () => {
  const listed = async (foldsCase: (folder: string) => Promise<boolean>) => {
    listing.foldsCase = foldsCase;
    store.keys = ["m/A", "m/a"];
    await add({ keys: ["m/"], contentsOnly: true, onConflict: "replace" });
    await list();
    return await rows();
  };

  it("are one file on a disk that folds case: the second one fails, and replaces nothing", async () => {
    const asked: string[] = [];
    const fold = async (folder: string) => asked.push(folder) > 0;
    expect(await listed(fold)).toEqual([
      ["A", "waiting", null],
      ["a", "failed", "path-unsafe"],
    ]);
    expect(asked).toEqual([rig.folder]);
  });

  it("are two files on any other, and where the disk cannot be asked", async () => {
    const both = [
      ["A", "waiting", null],
      ["a", "waiting", null],
    ];
    expect(
      await listed(async () => {
        throw new LonghaulError("path-denied", "not for you");
      }),
    ).toEqual(both);
  });
});

describe("the objects of a download, where nothing is there,", () => {
  it("are none below a prefix of which nothing is there: the name is wrong, and is listed again", async () => {
    await add({ keys: ["m/nothing/"] });
    await expect(list()).rejects.toMatchObject({
      code: "object-missing",
      details: { key: "m/nothing/" },
    });
    store.keys = ["m/nothing/a"];
    await list();
    expect(await rows()).toEqual([["nothing/a", "waiting", null]]);
  });

  it("fail alone among others when nothing is below their prefix", async () => {
    store.keys = ["m/a"];
    await add({ keys: ["m/nothing/", "m/"] });
    await list();
    expect(await rows()).toEqual([
      ["nothing/", "failed", "object-missing"],
      ["m/a", "waiting", null],
    ]);
  });

  it("may be none in an empty bucket", async () => {
    await add({ keys: [""] });
    await list();
    expect(await rows()).toEqual([]);
  });
});

describe("the objects of a download, where something is wrong,", () => {
  it("fail alone when one is missing, and keep what is needed to try again", async () => {
    store.keys = ["a"];
    await add({ keys: ["gone", "a"] });
    await list();
    expect(await rows()).toEqual([
      ["gone", "failed", "object-missing"],
      ["a", "waiting", null],
    ]);
    expect((await rig.items(id))[0]?.source).toMatchObject({ key: "gone", path: "gone" });
  });

  it.each(["m/../../etc/passwd", "m//..", "m/a\\..\\..\\b/../c"])(
    "fail alone when a key cannot be a path here: %s",
    async (key) => {
      store.keys = [key, "m/z"];
      await add({ keys: ["m/"] });
      await list();
      expect(await rows()).toContainEqual(["m/z", "waiting", null]);
      expect((await rows())[0]?.slice(1)).toEqual(["failed", "path-unsafe"]);
    },
  );

  it("never share a file, nor need a folder where a file is", async () => {
    store.keys = ["x/a", "y/a", "p/b", "p/b/c"];
    await add({ keys: ["x/a", "y/a", "p/"] });
    await list();
    expect(await rows()).toEqual([
      ["a", "waiting", null],
      ["a", "failed", "path-unsafe"],
      ["p/b", "waiting", null],
      ["p/b/c", "failed", "path-unsafe"],
    ]);
  });

  it("are asked for again when the endpoint does not answer, and the row says so", async () => {
    store.keys = ["m/a"];
    let notices = 0;
    store.beforePage = (page) => {
      if (page < 3) throw new LonghaulError("unreachable", "no line");
      notices = rig.clock.sleptMs.length;
    };
    await add({ keys: ["m/"] });
    await list();
    expect(notices).toBe(2);
    expect(await rows()).toEqual([["m/a", "waiting", null]]);
  });
});

describe("a listing of very many objects", () => {
  const COUNT = 100_000;

  beforeEach(async () => {
    store.keys = Array.from({ length: COUNT }, (_, n) => `m/${String(n).padStart(6, "0")}`);
    await add({ keys: ["m/"] });
  });

  it("enters the journal in pages, and none is in memory", async () => {
    const sizes: number[] = [];
    const commit = rig.journal.commit.bind(rig.journal);
    rig.journal.commit = async (changes) => {
      for (const change of changes) {
        if (change.type === "items-added") sizes.push(change.items.length);
      }
      await commit(changes);
    };
    await list();
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
    expect(rig.book.get(id).totals).toMatchObject({ sizeBytes: 3 * COUNT });
    expect(rig.book.get(id).totals.counts.waiting).toBe(COUNT);
    expect(JSON.stringify(rig.book.get(id)).length).toBeLessThan(2000);
  });
});

describe("a listing that was interrupted", () => {
  it.each([1, 2, 3, 4])("before commit %i finds every object once", async (atCommit) => {
    store.keys = Array.from({ length: 2500 }, (_, n) => `m/d${n % 3}/${n}`);
    await add({ keys: ["m/", "m/d1/7"] });
    store.keys = [...store.keys, "m/d1/7"];
    let commits = 0;
    const commit = rig.journal.commit.bind(rig.journal);
    rig.journal.commit = async (changes) => {
      commits += 1;
      if (commits === atCommit) throw new LonghaulError("disk-full", "crash");
      await commit(changes);
    };
    await expect(list()).rejects.toMatchObject({ code: "disk-full" });
    rig.journal.commit = commit;
    await rig.restart();
    await list();
    const found = (await rig.items(id)).filter(({ phase }) => phase === "waiting");
    const names = found.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(rig.book.get(id).listing.isComplete).toBe(true);
    expect(names.length).toBe(2501);
  });

  it("remembers which names were given away, and that a folder is no file", async () => {
    store.keys = ["m/sub/", ...Array.from({ length: 1200 }, (_, n) => `m/sub/${n}`)];
    await add({ keys: ["m/"] });
    store.beforePage = (page) => {
      if (page === 2) throw new LonghaulError("access-denied", "crash");
    };
    await expect(list()).rejects.toMatchObject({ code: "access-denied" });
    await rig.restart();
    await list();
    expect(rig.book.get(id).totals.counts).toMatchObject({ waiting: 1201, failed: 0 });
  });
});
