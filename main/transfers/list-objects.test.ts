import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { ListRig } from "./list-rig.ts";

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

afterEach(async () => {
  await rig.close();
});

const named = (count: number, prefix = "m/", width = 5) =>
  Array.from({ length: count }, (_, n) => `${prefix}${String(n).padStart(width, "0")}`);

/** How often the store was asked: pages of a listing, and for single objects. */
const asked = () => [rig.store.listed.length, rig.store.asked.length];

const names = async () => (await rig.rows()).map(([name]) => name);

const lastOf = (keys: readonly string[]) => keys.map((key) => key.slice(key.lastIndexOf("/") + 1));

describe("objects that are asked for by name", () => {
  it("are found by one request where 1,000 lie in one folder, and nothing else is asked", async () => {
    rig.store.keys = named(1000);
    await rig.add({ keys: named(1000) });
    await rig.list();
    expect(asked()).toEqual([1, 0]);
    expect(rig.store.listed).toEqual(["m/"]);
    expect(await names()).toEqual(lastOf(named(1000)));
  });

  it("are found by ten requests where 10,000 lie in one folder", async () => {
    rig.store.keys = named(10_000);
    await rig.add({ keys: named(10_000) });
    await rig.list();
    expect(asked()).toEqual([10, 0]);
    expect(rig.run.book.get(rig.id).totals.counts.waiting).toBe(10_000);
  });

  it("are found by one request where each lies in a folder of its own", async () => {
    const keys = named(300, "runs/").map((key) => `${key}/model${key.slice(-3)}.bin`);
    rig.store.keys = keys;
    await rig.add({ keys });
    await rig.list();
    expect(asked()).toEqual([1, 0]);
  });

  it("are asked for one by one where they are few", async () => {
    rig.store.keys = named(1000);
    await rig.add({ keys: named(7) });
    await rig.list();
    expect(asked()).toEqual([0, 7]);
  });

  it("are asked for one by one after a page that held few of them", async () => {
    const keys = named(100, "m/many").map((key) => `${key}/a`);
    rig.store.keys = keys.flatMap((key) => [key, ...named(500, `${key}-`)]);
    await rig.add({ keys });
    await rig.list();
    // A page of 1,000 has two of them.
    expect(asked()).toEqual([1, 98]);
    expect(rig.run.book.get(rig.id).totals.counts).toMatchObject({ waiting: 1, failed: 99 });
  });

  it("are skipped to, however much lies between them", async () => {
    const groups = ["a/", "m/", "z/"].map((folder) => named(100, folder, 3));
    const between = [...named(5000, "a/b", 4), ...named(5000, "m/n", 4)];
    rig.store.keys = [...groups.flat(), ...between].toSorted();
    await rig.add({ keys: groups.flat(), rename: null });
    await rig.list();
    expect(asked()).toEqual([3, 0]);
  });
});

describe("objects that are asked for by name, where not all is well,", () => {
  it("fail alone when they are missing, once the store has said so itself", async () => {
    const keys = named(100);
    rig.store.keys = keys.filter((key) => key !== "m/00007" && key !== "m/00099");
    await rig.add({ keys });
    await rig.list();
    expect(asked()).toEqual([1, 2]);
    const rows = await rig.rows();
    expect(rows.map(([name]) => name)).toEqual(lastOf(keys));
    expect(rows.filter(([, phase]) => phase === "failed")).toEqual([
      ["00007", "failed", "object-missing"],
      ["00099", "failed", "object-missing"],
    ]);
  });

  it("are asked for one by one where the keys may not list, or the server cannot", async () => {
    for (const code of ["access-denied", "unsupported"] as const) {
      const own = new ListRig();
      own.store.keys = named(20);
      own.store.beforePage = () => {
        throw new LonghaulError(code, "no listing");
      };
      await own.add({ keys: named(20) });
      await own.list();
      expect([own.store.listed.length, own.store.asked.length]).toEqual([1, 20]);
      expect(own.run.book.get(own.id).totals.counts.waiting).toBe(20);
      await own.close();
    }
  });

  it("fail with what is wrong where the listing says that there is no bucket", async () => {
    rig.store.beforePage = () => {
      throw new LonghaulError("bucket-missing", "no bucket");
    };
    await rig.add({ keys: named(20) });
    await expect(rig.list()).rejects.toMatchObject({ code: "bucket-missing" });
  });
});

describe("objects that are asked for by name, whatever the order,", () => {
  it("are all found where a server begins every listing at its start", async () => {
    rig.store.obeysStartAfter = false;
    rig.store.keys = [...named(3000, "m/a"), ...named(100, "m/b")];
    await rig.add({ keys: named(100, "m/b") });
    await rig.list();
    expect(asked()).toEqual([1, 100]);
    expect(await names()).toEqual(lastOf(named(100, "m/b")));
  });

  it("are all found where a server lists in no order", async () => {
    const keys = named(100);
    rig.store.keys = [...keys.slice(60), ...named(2000, "m/x"), ...keys.slice(0, 60)];
    rig.store.obeysStartAfter = false;
    await rig.add({ keys });
    await rig.list();
    expect(await names()).toEqual(lastOf(keys));
    expect(rig.run.book.get(rig.id).totals.counts.waiting).toBe(100);
  });

  it("are found in the order of their request where that is not the store's", async () => {
    const keys = [...named(20, "m/b"), "m/", ...named(20, "m/a"), "m/b00003x"];
    rig.store.keys = [...named(20, "m/a"), ...named(20, "m/b"), "m/b00003x"];
    await rig.add({ keys });
    await rig.list();
    const found = await names();
    expect(found.slice(0, 20)).toEqual(lastOf(named(20, "m/b")));
    expect(found).toHaveLength(20 + 41 + 21);
    expect(rig.store.asked).toEqual([]);
  });

  it("are found by one request for each stretch of keys in order", async () => {
    const keys = [...named(20, "z/"), ...named(20, "a/")];
    rig.store.keys = [...named(20, "a/"), ...named(2000, "m/"), ...named(20, "z/")];
    await rig.add({ keys });
    await rig.list();
    expect(rig.store.listed).toEqual(["z/", "a/"]);
    expect(rig.store.asked).toEqual([]);
  });
});

describe("finding objects by name, when it is interrupted,", () => {
  it.each([1, 2, 3, 4, 5])("before commit %i goes on without one twice", async (atCommit) => {
    const keys = named(2500);
    rig.store.keys = keys.filter((key) => key !== "m/01234");
    await rig.add({ keys });
    const { journal } = rig.run;
    const commit = journal.commit.bind(journal);
    let commits = 0;
    journal.commit = async (changes) => {
      commits += 1;
      if (commits === atCommit) throw new LonghaulError("disk-full", "crash");
      await commit(changes);
    };
    await expect(rig.list()).rejects.toMatchObject({ code: "disk-full" });
    journal.commit = commit;
    await rig.run.restart();
    await rig.list();
    expect(await names()).toEqual(lastOf(keys));
    expect(rig.run.book.get(rig.id).listing.isComplete).toBe(true);
  });
});
