import { linkSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { Entry } from "../cache/entry.ts";
import { MiB } from "../bytes/sizes.ts";
import { statFile } from "../disk/stat-file.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { readResume } from "./item-record.ts";
import { Gate, RunRig } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

const LARGE = variedBytes(20 * MiB);

function here(): string[] {
  return readdirSync(rig.path("down"), { recursive: true }).map(String).toSorted();
}

async function pausedHalfWay() {
  rig.rangeBytes = 4 * MiB;
  rig.store.seed("large.bin", LARGE, 4 * MiB);
  rig.connections = 1;
  rig.slots.setLimit(1);
  const gate = new Gate();
  rig.store.before = async (call, attempt) => {
    if (call.startsWith("get") && gets().length === 3 && attempt === 1) await gate.pass();
  };
  const id = await rig.download({ keys: ["large.bin"] });
  await gate.reached;
  const pausing = rig.desk.pause(id);
  await rig.until(id, ({ state }) => state.phase === "paused");
  gate.open();
  await pausing;
  rig.store.before = () => undefined;
  return id;
}

function gets(): string[] {
  return rig.store.calls.filter((call) => call.startsWith("get"));
}

describe("a download", () => {
  it("appears under its name whole, with nothing beside it", async () => {
    rig.store.seed("m/a.bin", Buffer.from("hello"));
    const id = await rig.download({ keys: ["m/a.bin"] });
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(rig.read("down/a.bin")).toBe("hello");
    expect(here()).toEqual(["a.bin"]);
  });

  it.each([0, 1, MiB, MiB + 1])("of %i bytes is the same bytes", async (size) => {
    const bytes = variedBytes(size);
    rig.store.seed("f", bytes);
    const { totals } = await rig.rest(await rig.download({ keys: ["f"] }));
    expect(totals.doneBytes).toBe(size);
    expect(readFileSync(rig.path("down/f")).equals(bytes)).toBe(true);
  });

  it("makes folders of markers, and files below them", async () => {
    rig.store.seed("m/sub/", Buffer.alloc(0));
    rig.store.seed("m/sub/a", Buffer.from("a"));
    rig.store.seed("m/empty/", Buffer.alloc(0));
    const id = await rig.download({ keys: ["m/"] });
    expect((await rig.rest(id)).totals.counts).toMatchObject({ done: 1, skipped: 2, failed: 0 });
    expect(here()).toEqual(["m", "m/empty", "m/sub", "m/sub/a"]);
  });
});

describe("a download that was interrupted", () => {
  it("goes on where it was without asking for what is durable", async () => {
    const id = await pausedHalfWay();
    const before = gets().length;
    await rig.restart();
    await rig.desk.resume(id);
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(readFileSync(rig.path("down/large.bin")).equals(LARGE)).toBe(true);
    const again = gets().slice(before);
    const first = gets().slice(0, 2);
    expect(again.filter((call) => first.includes(call))).toEqual([]);
  });

  it("takes the object as it is now when it changed before anything of it moved", async () => {
    rig.store.seed("m/a", Buffer.from("old"));
    const gate = new Gate();
    rig.store.before = async (call) => {
      if (call === "get all") await gate.pass();
    };
    const id = await rig.download({ keys: ["m/a"] });
    await gate.reached;
    rig.store.seed("m/a", Buffer.from("newer"));
    gate.open();
    const { state, totals } = await rig.rest(id);
    expect(state.phase).toBe("done");
    expect(totals).toMatchObject({ sizeBytes: 5, doneBytes: 5 });
    expect(rig.read("down/a")).toBe("newer");
  });

  it("says that the object changed while it was paused, keeps what it has, and begins anew if that is meant", async () => {
    const id = await pausedHalfWay();
    const newer = Buffer.concat([variedBytes(9 * MiB), Buffer.from("newer")]);
    rig.store.seed("large.bin", newer, 4 * MiB);
    await rig.desk.resume(id);
    const error = { code: "object-changed" };
    expect((await rig.rest(id)).state).toMatchObject({ cause: "object-changed", error });
    expect(here()).toEqual([expect.stringContaining(".part")]);
    await rig.desk.resume(id);
    await rig.until(id, (record) => record.state.phase !== "paused");
    const { state, totals } = await rig.rest(id);
    expect(state.phase).toBe("done");
    expect(totals).toMatchObject({ sizeBytes: newer.length, doneBytes: newer.length });
    expect(readFileSync(rig.path("down/large.bin")).equals(newer)).toBe(true);
    expect(here()).toEqual(["large.bin"]);
  });

  it("fails alone when the object is gone", async () => {
    rig.store.seed("m/a", Buffer.from("a"));
    const id = await rig.download({ keys: ["m/a", "m/gone"] });
    const { totals } = await rig.rest(id);
    expect(totals.counts).toMatchObject({ done: 1, failed: 1 });
    rig.store.seed("m/gone", Buffer.from("back again"));
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.read("down/gone")).toBe("back again");
  });
});

const OTHER_NAME = "down/.longhaul-0123456789abcdef.part";

/** The journal knows neither the file nor that its item is done. */
async function named(given: Parameters<RunRig["download"]>[0] = {}) {
  rig.rangeBytes = 4 * MiB;
  const { etag, sizeBytes, ...object } = rig.store.seed("large.bin", LARGE, 4 * MiB);
  const { dev, ino } = statSync(rig.file("down/large.bin", LARGE));
  rig.isOurs = () => false;
  const id = await rig.download({ keys: ["large.bin"], ...given });
  const source = { ...object, etag, path: "large.bin", isFolder: false };
  const listing = { ...rig.book.get(id).listing, isComplete: true, itemCount: 1 };
  await rig.book.addItems(id, [{ index: 0, name: "large.bin", sizeBytes, source }], listing);
  const path = rig.path(OTHER_NAME);
  const part = { path, dev: String(dev), ino: String(ino), sizeBytes };
  const ranges = { durable: [{ start: 0, end: sizeBytes }], proven: [] };
  const fetch = { etag, sizeBytes, versionId: object.versionId, part, stamp: null, ...ranges };
  const resume = { ...readResume(null), fetch };
  await rig.journal.commit([{ type: "item-changed", transferId: id, index: 0, resume }]);
  rig.isOurs = () => true;
  return id;
}

describe("a file that got its name just before a crash", () => {
  it("is proven and counted, and nothing of it moves", async () => {
    const id = await named();
    await rig.restart();
    rig.runner.wake();
    await rig.until(id, ({ state }) => state.phase === "done");
    expect((await rig.items(id))[0]).toMatchObject({ receipt: { rung: "part-sha256" } });
    expect(gets()).toEqual([]);
  });

  it("is never written to where somebody edited it since, be it at the same size", async () => {
    const id = await named();
    const edited = Buffer.concat([LARGE.subarray(0, -1), Buffer.from("!")]);
    writeFileSync(rig.path("down/large.bin"), edited);
    await rig.restart();
    rig.runner.wake();
    const { state } = await rig.rest(id);
    expect(state).toMatchObject({ phase: "paused", cause: "conflict" });
    expect(readFileSync(rig.path("down/large.bin")).equals(edited)).toBe(true);
    expect(gets()).toEqual([]);
    await rig.desk.answer(id, "keep-both", false);
    await rig.until(id, (record) => record.state.phase === "done");
    expect(here()).toEqual(["large (2).bin", "large.bin"]);
    expect(readFileSync(rig.path("down/large.bin")).equals(edited)).toBe(true);
  });
});

describe("a file that a crash left under two names", () => {
  it("loses the other one, and is known as it is then", async () => {
    const id = await named();
    const path = rig.path("down/large.bin");
    linkSync(path, rig.path(OTHER_NAME));
    await rig.restart();
    rig.runner.wake();
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(here()).toEqual(["large.bin"]);
    const [entry] = await rig.journal.entriesAt([path]);
    expect(entry?.stamp).toEqual((await statFile(path)).stamp);
  });

  it("gives way where it was edited and that is the rule", async () => {
    const id = await named({ onConflict: "replace" });
    linkSync(rig.path("down/large.bin"), rig.path(OTHER_NAME));
    writeFileSync(rig.path("down/large.bin"), Buffer.alloc(LARGE.length));
    await rig.restart();
    rig.runner.wake();
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(here()).toEqual(["large.bin"]);
    expect(readFileSync(rig.path("down/large.bin")).equals(LARGE)).toBe(true);
  });
});

describe("room for a download", () => {
  it("is asked for before the first byte, and rests the transfer when there is none", async () => {
    rig.store.seed("f", Buffer.alloc(100));
    rig.volume.freeBytes = 50;
    const id = await rig.download({ keys: ["f"] });
    expect((await rig.rest(id)).state).toMatchObject({
      phase: "paused",
      cause: "disk",
      error: { code: "disk-full" },
    });
    expect(gets()).toEqual([]);
    rig.volume.freeBytes = 2 ** 40;
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
  });

  it("is given back when the item is done or fails", async () => {
    rig.store.seed("f", Buffer.alloc(100));
    rig.store.before = (call) => {
      if (call.startsWith("get")) throw new LonghaulError("invalid", "odd");
    };
    await rig.rest(await rig.download({ keys: ["f"] }));
    const kept = (await rig.space.measure(rig.folder)).reservedBytes;
    rig.store.before = () => undefined;
    await rig.rest(await rig.download({ keys: ["f"], rename: "g" }));
    expect((await rig.space.measure(rig.folder)).reservedBytes).toBe(kept);
  });
});

describe("another file of the same name", () => {
  beforeEach(async () => {
    rig.file("down/a", "mine");
    rig.store.seed("a", Buffer.from("theirs"));
  });

  it("is asked about, and replaced on demand", async () => {
    const id = await rig.download({ keys: ["a"] });
    expect((await rig.rest(id)).state).toMatchObject({ cause: "conflict" });
    expect(rig.read("down/a")).toBe("mine");
    await rig.desk.answer(id, "replace", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.read("down/a")).toBe("theirs");
    expect(here()).toEqual(["a"]);
  });

  it("is kept beside the new one", async () => {
    rig.file("down/a (2)", "also mine");
    const id = await rig.download({ keys: ["a"], onConflict: "keep-both" });
    await rig.rest(id);
    expect(here()).toEqual(["a", "a (2)", "a (3)"]);
    expect(rig.read("down/a (3)")).toBe("theirs");
    expect((await rig.items(id))[0]?.note).toBe("saved as a (3)");
  });

  it("is not fetched when it is the same", async () => {
    rig.file("down/a", "theirs");
    const { totals } = await rig.rest(await rig.download({ keys: ["a"] }));
    expect(totals).toMatchObject({ keptBytes: 6, counts: { skipped: 1 } });
    expect(gets()).toEqual([]);
  });

  it("leaves no partial file behind when it came while the transfer was paused", async () => {
    const id = await pausedHalfWay();
    expect(here().length).toBe(2);
    writeFileSync(rig.path("down/large.bin"), "mine");
    await rig.desk.resume(id);
    await rig.rest(id);
    await rig.desk.answer(id, "skip", false);
    const { counters } = await rig.until(id, ({ state }) => state.phase === "done");
    expect(counters.otherCount).toBe(1);
    expect(here()).toEqual(["a", "large.bin"]);
    expect(rig.read("down/large.bin")).toBe("mine");
  });
});

describe("a copy of an earlier version", () => {
  const path = () => rig.path("down/a");

  /** Fetched, and replaced at its origin since. */
  beforeEach(async () => {
    rig.store.seed("a", Buffer.from("first"));
    await againRests();
    rig.store.seed("a", Buffer.from("second"));
  });

  async function againRests(given: Parameters<RunRig["download"]>[0] = {}) {
    const id = await rig.download({ keys: ["a"], ...given });
    const { state } = await rig.rest(id);
    await rig.desk.cancel(id, false).catch(() => undefined);
    await rig.desk.clear(id);
    return "cause" in state ? state.cause : state.phase;
  }

  async function changeEntry(change: Partial<Entry>) {
    const [entry] = await rig.journal.entriesAt([path()]);
    if (entry === undefined) throw new Error("nothing is known");
    await rig.journal.commit([
      { type: "entry-removed", id: entry },
      { type: "entry-put", entry: { ...entry, ...change } },
    ]);
  }

  it("is replaced without a question, and known as the newer one", async () => {
    expect(await againRests()).toBe("done");
    expect(rig.read("down/a")).toBe("second");
    const before = rig.store.calls.length;
    expect(await againRests()).toBe("done");
    expect(rig.store.calls.slice(before)).toEqual(["stat a"]);
  });

  it.each<[string, () => void | Promise<void>]>([
    ["somebody wrote to it", () => writeFileSync(path(), "mine")],
    ["it was written anew, be it the same bytes", () => writeFileSync(path(), "first")],
    ["something is wrong with it", () => changeEntry({ trouble: "damaged" })],
    ["it is of another bucket", () => changeEntry({ origin: "https://other.lab/models" })],
    ["it is of another object", () => changeEntry({ key: "b" })],
    ["nobody knows who wrote it", () => changeEntry({ isFetched: false })],
  ])("is asked about where %s", async (_, happens) => {
    await happens();
    const before = rig.read("down/a");
    expect(await againRests()).toBe("conflict");
    expect(rig.read("down/a")).toBe(before);
  });

  it("is asked about where it is what somebody uploaded", async () => {
    const own = rig.file("down/own", "mine");
    await rig.rest(await rig.upload({ sources: [own] }));
    rig.store.seed("own", Buffer.from("theirs"));
    expect(await againRests({ keys: ["own"] })).toBe("conflict");
    expect(rig.read("down/own")).toBe("mine");
  });

  it("is asked about where a version is named", async () => {
    expect(await againRests({ versionId: "v2" })).toBe("conflict");
  });

  it.each([
    ["skip", "done"],
    ["fail", "failed"],
  ] as const)("stays where the rule is to %s", async (onConflict, phase) => {
    expect(await againRests({ onConflict })).toBe(phase);
    expect(rig.read("down/a")).toBe("first");
  });
});

it.each(["../up", "a/../../up"])("never writes outside: %j", async (name) => {
  rig.store.seed(`p/${name}`, Buffer.from("evil"));
  const id = await rig.download({ keys: ["p/"] });
  const { state } = await rig.rest(id);
  expect(state.phase).toBe("failed");
  const [row] = await rig.items(id);
  expect(row).toMatchObject({ phase: "failed", error: { code: "path-unsafe" } });
  await rig.desk.resume(id);
  await rig.rest(id);
  expect(readdirSync(rig.folder).toSorted()).toEqual(["down", "incoming"]);
  expect(here()).toEqual([]);
});

describe("what an object says of its file", () => {
  const facts = {
    metadata: { mtime: "1700000000.25", mode: "100750" },
    versionId: "v7",
    storageClass: null,
    access: "ready",
  } as const;

  it.each([0, 5, MiB + 1])("is its time, for a file of %i bytes", async (size) => {
    rig.store.seed("f", variedBytes(size));
    rig.store.facts.set("f", facts);
    const { state } = await rig.rest(await rig.download({ keys: ["f"] }));
    expect(state.phase).toBe("done");
    const { mtimeMs, mode } = statSync(rig.path("down/f"));
    expect(mtimeMs).toBe(1_700_000_000_250);
    expect(mode & 0o111).toBe(0);
  });

  it("is its time also where it comes in ranges, for a cap or for its parts", async () => {
    rig.store.seed("parts", variedBytes(2000), 1000);
    rig.store.facts.set("parts", facts);
    rig.rangeBytes = 500;
    rig.store.seed("slow", variedBytes(2000));
    rig.store.facts.set("slow", facts);
    await rig.rest(await rig.download({ keys: ["parts", "slow"] }));
    for (const name of ["down/parts", "down/slow"]) {
      expect(statSync(rig.path(name)).mtimeMs).toBe(1_700_000_000_250);
    }
  });

  it("is its permissions only if asked, and never locks its owner out", async () => {
    rig.store.seed("f", variedBytes(5));
    rig.store.facts.set("f", { ...facts, metadata: { mode: "100050" } });
    await rig.rest(await rig.download({ keys: ["f"], preserveMode: true }));
    expect(statSync(rig.path("down/f")).mode & 0o777).toBe(0o650);
  });

  it.each(["soon", "1e99", ""])("is nothing when it says %j", async (mtime) => {
    rig.store.seed("f", variedBytes(5));
    rig.store.facts.set("f", { ...facts, metadata: { mtime } });
    const { state } = await rig.rest(await rig.download({ keys: ["f"] }));
    expect(state.phase).toBe("done");
    expect(statSync(rig.path("down/f")).mtimeMs).toBeGreaterThan(1_700_000_000_250);
  });

  it("S40 a versioned bucket: the receipt names the version also of a small object", async () => {
    rig.store.seed("f", variedBytes(5));
    rig.store.facts.set("f", facts);
    const id = await rig.download({ keys: ["f"] });
    await rig.rest(id);
    expect((await rig.items(id)).map(({ receipt }) => receipt?.versionId)).toEqual(["v7"]);
  });
});

describe("S32 an object in an archive", () => {
  it.each(["archived", "restoring"] as const)(
    "that is %s is found before a byte moves, and the rest moves on",
    async (access) => {
      rig.store.seed("cold", variedBytes(2 * MiB));
      const cold = { metadata: {}, versionId: null, storageClass: "DEEP_ARCHIVE", access };
      rig.store.facts.set("cold", cold);
      rig.store.seed("warm", variedBytes(5));
      const id = await rig.download({ keys: ["cold", "warm"] });
      const { state, totals } = await rig.rest(id);
      expect(state).toMatchObject({ phase: "failed", error: { code: "items-failed" } });
      expect(totals.counts).toMatchObject({ done: 1, failed: 1 });
      expect((await rig.items(id))[0]?.error).toMatchObject({ code: "archived" });
      expect(gets()).toHaveLength(1);
      // Restored meanwhile.
      rig.store.facts.delete("cold");
      await rig.desk.resume(id);
      expect((await rig.rest(id)).state.phase).toBe("done");
    },
  );
});
