import { openSync, readdirSync, rmSync, writeSync, closeSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DropTicket } from "#shared/transfer-request.ts";
import type { TransferId } from "#shared/transfer.ts";
import { MiB } from "../bytes/sizes.ts";
import { entriesIn } from "../archives/pack-rig.ts";
import { unpackBytes } from "../archives/unpack-rig.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { nameInside } from "./dropped-folder.ts";
import { aDropSpec } from "./fixtures.ts";
import { Gate, nth, RunRig, settleDown } from "./run-rig.ts";

const BIG = variedBytes(3 * MiB).toString("latin1");

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
  expect(rig.store.uploads.size).toBe(0);
});

type Files = Readonly<Record<string, string>>;

const MODIFIED_AT_MS = 1_600_000_000_000;

function aFile(name: string, text: string) {
  return { name, sizeBytes: text.length, modifiedAtMs: MODIFIED_AT_MS };
}

async function aDrop(given: Parameters<RunRig["drop"]>[0] = {}): Promise<TransferId> {
  return await rig.drop({ name: "tree", archive: "tar.gz", ...given });
}

async function add(id: TransferId, files: Files): Promise<readonly DropTicket[]> {
  const all = Object.entries(files).map(([name, text]) => aFile(name, text));
  return await rig.arrivals.add(id, all);
}

/** As the web host does. */
async function arrive(
  tickets: readonly DropTicket[],
  at: number,
  text: string,
  [start, end] = [0, text.length],
): Promise<void> {
  const { ticket } = nth(tickets, at);
  const { path } = await rig.arrivals.begin(ticket, start, end - start);
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from(text.slice(start, end), "latin1"), 0, end - start, start);
  closeSync(file);
  await rig.arrivals.end(ticket, end);
}

async function arriveAll(id: TransferId, files: Files): Promise<void> {
  const tickets = await add(id, files);
  for (const [at, text] of Object.values(files).entries()) {
    if (text !== "") await arrive(tickets, at, text);
  }
}

/** A whole drop. */
async function sent(files: Files, given: Parameters<RunRig["drop"]>[0] = {}): Promise<TransferId> {
  const id = await aDrop(given);
  await arriveAll(id, files);
  await rig.arrivals.close(id);
  return id;
}

function stored(key = "tree.tar.gz"): Buffer {
  return rig.store.objects.get(key)?.bytes ?? Buffer.alloc(0);
}

/** Name and text of each entry of an object. */
async function packed(key?: string): Promise<Record<string, string>> {
  const entries = await entriesIn(stored(key));
  return Object.fromEntries(entries.map(({ path, text }) => [path, text]));
}

function spooled(): string[] {
  return readdirSync(rig.path("incoming"));
}

/** The book's totals are what the journal has, too. */
async function totals(id: TransferId) {
  const { sizeBytes, doneBytes, keptBytes, counts } = rig.book.get(id).totals;
  const { byPhase, ...sums } = await rig.journal.itemTotals(id);
  expect(sums).toMatchObject({ sizeBytes, doneBytes, keptBytes });
  for (const [phase, count] of Object.entries(counts)) {
    expect(Object.entries(byPhase).find(([name]) => name === phase)?.[1].count).toBe(count);
  }
  return { sizeBytes, doneBytes, keptBytes, counts };
}

const TREE = { "tree/b/x.txt": "x", "tree/a.txt": "aa", "tree/b/empty": "", "tree/void/in/": "" };

describe("a dropped folder that goes as one archive", () => {
  it.each(["tar", "tar.gz", "tar.zst"] as const)("is one %s of what is in it", async (archive) => {
    const id = await sent(TREE, { archive });
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(Object.keys(rig.stored())).toEqual([`tree.${archive}`]);
    const { error, tree } = await unpackBytes(stored(`tree.${archive}`));
    expect(error).toBeNull();
    expect(Object.keys(tree ?? {}).toSorted()).toEqual([
      "a.txt",
      "b",
      "b/empty",
      "b/x.txt",
      "void",
      "void/in",
    ]);
    await settleDown();
    expect(spooled()).toEqual([]);
  });

  it("is not sent where one of its files stayed behind, nor for being tried again", async () => {
    const id = await aDrop();
    const tickets = await add(id, TREE);
    await arrive(tickets, 0, "x");
    await rig.arrivals.close(id);
    await rig.arrivals.leave([nth(tickets, 1).ticket]);
    expect((await rig.rest(id)).state.phase).toBe("failed");
    await rig.desk.resume(id);
    expect((await rig.rest(id)).state.phase).toBe("failed");
    const errors = (await rig.items(id)).flatMap(({ name, error }) => (error ? [name] : []));
    expect(errors).toEqual(["tree/a.txt", "tree.tar.gz"]);
    expect(rig.stored()).toEqual({});
  });

  it("says of each file when it was changed, and of its permissions what is usual", async () => {
    const id = await sent(TREE, { archive: "tar" });
    await rig.rest(id);
    const [folder, file] = await entriesIn(stored("tree.tar"));
    expect(folder).toMatchObject({ path: "b/", mode: 0o755 });
    expect(file).toMatchObject({ path: "b/x.txt", mode: 0o644, modifiedAtMs: MODIFIED_AT_MS });
  });

  it("is an archive, too, where nothing is in it", async () => {
    const id = await sent({}, { archive: "tar" });
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(stored("tree.tar").equals(Buffer.alloc(1024))).toBe(true);
  });

  it("counts each byte once, and all of them as done at its end", async () => {
    const id = await aDrop();
    const tickets = await add(id, { "tree/a": "aaa", "tree/b": "bb" });
    await rig.arrivals.close(id);
    await arrive(tickets, 0, "aaa");
    expect(await totals(id)).toMatchObject({
      sizeBytes: 5,
      doneBytes: 0,
      counts: { arriving: 1, arrived: 1, waiting: 1 },
    });
    await arrive(tickets, 1, "bb");
    await rig.rest(id);
    expect(await totals(id)).toMatchObject({ sizeBytes: 5, doneBytes: 5, counts: { done: 3 } });
    const [, , archive] = await rig.items(id);
    expect(archive).toMatchObject({ name: "tree.tar.gz", note: expect.stringContaining("packed") });
  });
});

describe("what comes of a dropped folder in two ways", () => {
  it("is in the archive once, as it came last", async () => {
    const id = await aDrop();
    await arriveAll(id, { "tree/a": "old", "tree/empty": "", "tree/void/": "" });
    await arriveAll(id, { "tree/a": "newer", "tree/empty": "", "tree/void/": "" });
    await rig.arrivals.close(id);
    await rig.arrivals.close(id);
    await rig.rest(id);
    const names = (await entriesIn(stored())).map(({ path }) => path);
    expect(names).toEqual(["a", "empty", "void/"]);
    expect(await packed()).toMatchObject({ a: "newer" });
    expect((await rig.log(id)).join()).toContain("tree/a and 2 more came more than once");
  });

  it("is not packed where it is a file and a folder", async () => {
    const id = await sent({ "tree/a": "a", "tree/a/b": "b" });
    expect((await rig.rest(id)).state).toMatchObject({
      phase: "failed",
      error: { code: "source-changed" },
    });
    expect(rig.store.objects.size).toBe(0);
  });
});

describe("a name in a dropped folder", () => {
  const spec = { ...aDropSpec({ name: "tree" }), archive: "tar" } as const;

  it.each([
    ["tree/a", "a"],
    ["tree/b/c d", "b/c d"],
    ["tree/void/", "void/"],
    ["tree/..a/b..", "..a/b.."],
  ])("is what is below it: %s", (name, inside) => {
    expect(nameInside(spec, name)).toBe(inside);
  });

  it.each([
    "tree",
    "tree/",
    "other/a",
    "tree/../a",
    "tree/a/..",
    "tree//a",
    "tree/./a",
    "tree/\0",
    "tree/\ud800",
  ])("is refused where it leads anywhere else: %j", async (name) => {
    const id = await aDrop();
    await expect(add(id, { [name]: "x" })).rejects.toMatchObject({ code: "invalid" });
    expect(await rig.items(id)).toEqual([]);
  });

  it("is that of a folder for no bytes only", async () => {
    const id = await aDrop();
    await expect(add(id, { "tree/a/": "x" })).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("a key that is taken, for a dropped archive", () => {
  it.each([
    ["skip", "done", ["tree.tar.gz"]],
    ["fail", "failed", ["tree.tar.gz"]],
    ["keep-both", "done", ["tree (2).tar.gz", "tree.tar.gz"]],
    ["replace", "done", ["tree.tar.gz"]],
  ] as const)("is treated as the rule says: %s", async (onConflict, phase, keys) => {
    rig.store.seed("tree.tar.gz", Buffer.from("other"));
    const id = await sent({ "tree/a": "abc" }, { onConflict });
    expect((await rig.rest(id)).state.phase).toBe(phase);
    expect(Object.keys(rig.stored())).toEqual(keys);
    await settleDown();
    expect(spooled().length).toBe(phase === "failed" ? 1 : 0);
    const { doneBytes, keptBytes } = await totals(id);
    expect(doneBytes).toBe(phase === "done" ? 3 : 0);
    expect(keptBytes).toBe(onConflict === "skip" ? 3 : 0);
  });

  it("is asked about, and what arrived is kept until there is an answer", async () => {
    rig.store.seed("tree.tar.gz", Buffer.from("other"));
    const id = await sent({ "tree/a": "abc" });
    expect((await rig.rest(id)).state).toMatchObject({ phase: "paused", cause: "conflict" });
    await rig.restart();
    await rig.arrivals.sweep();
    expect(spooled().length).toBe(1);
    await rig.desk.answer(id, "replace", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(await packed()).toEqual({ a: "abc" });
  });
});

/** An archive of which one part is at the store. */
async function underWay() {
  const gate = new Gate();
  rig.partSizeBytes = MiB;
  rig.store.before = async (call, attempt) => {
    if (call === "part 2" && attempt === 1) await gate.pass();
  };
  const id = await sent({ "tree/big": BIG }, { archive: "tar" });
  await gate.reached;
  return { id, gate };
}

describe("a dropped archive that does not arrive whole", () => {
  it("is packed only when every file is here, and the page said that there are no more", async () => {
    const id = await aDrop();
    await arriveAll(id, { "tree/a": "a" });
    await settleDown();
    expect(rig.store.objects.size).toBe(0);
    const tickets = await add(id, { "tree/b": "b" });
    await rig.arrivals.close(id);
    await rig.until(id, ({ state }) => state.phase === "running");
    rig.runner.sample();
    const awaiting = { kind: "awaiting-drop", arrived: { count: 1, of: 2 } };
    expect(rig.runner.live(id)?.activity).toEqual(awaiting);
    expect(rig.store.objects.size).toBe(0);
    await arrive(tickets, 0, "b");
    await rig.rest(id);
    expect(await packed()).toEqual({ a: "a", b: "b" });
  });

  it("goes on arriving after a restart, and is packed of what came before and after", async () => {
    const id = await aDrop();
    const tickets = await add(id, { "tree/a": "aaa", "tree/b": "0123456789", "tree/c": "c" });
    await arrive(tickets, 0, "aaa");
    await arrive(tickets, 1, "0123456789", [0, 4]);
    await rig.restart();
    await rig.arrivals.sweep();
    const files = [aFile("tree/a", "aaa"), aFile("tree/b", "0123456789"), aFile("tree/c", "c")];
    const matches = await rig.arrivals.match(files);
    expect(matches.map(({ index, ticket }) => [index, ticket.offsetBytes])).toEqual([
      [1, 4],
      [2, 0],
    ]);
    await arrive(tickets, 1, "0123456789", [4, 10]);
    await rig.arrivals.close(id);
    await rig.restart();
    await arrive(tickets, 2, "c");
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(await packed()).toEqual({ a: "aaa", b: "0123456789", c: "c" });
  });

  it("waits for a page that left, and goes on by itself with it", async () => {
    const id = await aDrop();
    const tickets = await add(id, { "tree/a": "aaa" });
    await rig.arrivals.close(id);
    expect((await rig.rest(id)).state.phase).toBe("paused");
    expect(rig.book.get(id).state).toMatchObject({ phase: "paused", cause: "drop" });
    await arrive(tickets, 0, "aaa");
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(await packed()).toEqual({ a: "aaa" });
  });
});

describe("what arrived of a dropped archive", () => {
  it("goes with a cancel", async () => {
    const id = await aDrop();
    const tickets = await add(id, { "tree/a": "aaa", "tree/b": "bbb", "tree/empty": "" });
    await arrive(tickets, 0, "aaa");
    await arrive(tickets, 1, "bbb", [0, 1]);
    await rig.desk.cancel(id, false);
    expect(spooled()).toEqual([]);
    expect(rig.store.objects.size).toBe(0);
  });

  it("is not packed of less than arrived", async () => {
    const id = await aDrop();
    const tickets = await add(id, { "tree/a": "a", "tree/b": "b" });
    await arrive(tickets, 0, "a");
    rmSync(rig.path(`incoming/${nth(tickets, 0).ticket}`));
    await arrive(tickets, 1, "b");
    await rig.arrivals.close(id);
    expect((await rig.rest(id)).state).toMatchObject({
      phase: "failed",
      error: { code: "source-changed" },
    });
    expect(rig.store.objects.size).toBe(0);
  });
});

describe("a dropped archive that does not come to its end", () => {
  it("is packed anew after a pause and a restart", async () => {
    const { id, gate } = await underWay();
    const pausing = rig.desk.pause(id);
    await rig.until(id, ({ state }) => state.phase === "paused");
    gate.open();
    await pausing;
    // Nothing of what was sent is of use, and the row says so.
    expect(await totals(id)).toMatchObject({ doneBytes: 0, counts: { arrived: 1, waiting: 1 } });
    rig.store.before = () => undefined;
    await rig.restart();
    await rig.arrivals.sweep();
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    const at = stored("tree.tar").subarray(512, 512 + BIG.length);
    expect(at.equals(Buffer.from(BIG, "latin1"))).toBe(true);
    expect(await totals(id)).toMatchObject({ doneBytes: BIG.length, sizeBytes: BIG.length });
    await settleDown();
    expect(spooled()).toEqual([]);
  });

  it("tells how far it is in bytes of the files", async () => {
    const { id, gate } = await underWay();
    await settleDown();
    rig.runner.sample();
    const live = rig.runner.live(id);
    expect(live?.activity).toEqual({ kind: "moving" });
    expect(live?.doneBytes).toBeGreaterThan(0);
    expect(live?.doneBytes).toBeLessThan(BIG.length);
    gate.open();
    await rig.rest(id);
  });

  it("leaves nothing here or there when it is canceled", async () => {
    const { id, gate } = await underWay();
    await rig.canceled(id, () => gate.open(), false);
    expect(rig.store.objects.size).toBe(0);
    expect(spooled()).toEqual([]);
  });
});

describe("a dropped archive that came to its end", () => {
  it("that was settled just before a crash is swept", async () => {
    const id = await sent({ "tree/a": "aaa" });
    await rig.rest(id);
    await settleDown();
    rig.file(`incoming/${id}-0`, "aaa");
    await rig.restart();
    await rig.arrivals.sweep();
    expect(spooled()).toEqual([]);
  });

  it("is tried again of what is kept here", async () => {
    rig.store.seed("tree.tar.gz", Buffer.from("other"));
    const id = await sent({ "tree/a": "aaa" }, { onConflict: "fail" });
    expect((await rig.rest(id)).state).toMatchObject({
      phase: "failed",
      error: { code: "conflict" },
    });
    rig.store.objects.clear();
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(await packed()).toEqual({ a: "aaa" });
  });

  it("is done when its end was asked for before a crash, and took effect", async () => {
    const gate = new Gate();
    rig.store.after = async (call, attempt) => {
      if (call === "complete" && attempt === 1) await gate.pass();
    };
    const id = await sent({ "tree/big": BIG }, { archive: "tar" });
    await gate.reached;
    const pausing = rig.desk.pause(id);
    await rig.until(id, ({ state }) => state.phase === "paused");
    gate.open();
    await pausing;
    await rig.restart();
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.store.count("open")).toBe(1);
    expect(await totals(id)).toMatchObject({ doneBytes: BIG.length, counts: { done: 2 } });
  });
});
