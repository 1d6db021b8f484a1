import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { SyncWish } from "#shared/sync.ts";
import type { TransferId } from "#shared/transfer.ts";
import { anUploadSpec } from "./fixtures.ts";
import { Gate, RunRig } from "./run-rig.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { UploadSpec } from "./transfer-spec.ts";

let rig: RunRig;
beforeEach(() => {
  rig = new RunRig();
});
afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

const PLAIN = SyncWish.parse({});
const DELETES = { ...PLAIN, deletes: true };

function put(name: string, content = name): void {
  rig.file(`src/${name}`, content);
}

async function start(wish = PLAIN, given: Partial<UploadSpec> = {}): Promise<TransferId> {
  mkdirSync(rig.path("src"), { recursive: true });
  const sources = [rig.path("src")];
  const all = { contentsOnly: true, onConflict: "replace", sync: wish } as const;
  return await rig.upload({ sources, ...all, ...given });
}

async function sync(wish = PLAIN, given: Partial<UploadSpec> = {}): Promise<TransferRecord> {
  rig.store.calls.length = 0;
  rig.store.listCount = 0;
  return await rig.rest(await start(wish, given));
}

function countsOf({ counters }: TransferRecord) {
  const { moves, deletes } = counters.sync ?? { moves: -1, deletes: -1 };
  return [moves, deletes];
}

it("sends all at first, and at the second time lists a page and asks nothing else", async () => {
  for (const name of ["a.txt", "a/x", "a/y", "b"]) put(name);
  expect(countsOf(await sync())).toEqual([4, 0]);
  expect(Object.keys(rig.stored())).toEqual(["a.txt", "a/x", "a/y", "b"]);
  expect(rig.store.calls.toSorted()).toEqual(["put", "put", "put", "put"]);
  const again = await sync();
  expect([rig.store.listCount, rig.store.calls]).toEqual([1, []]);
  expect(countsOf(again)).toEqual([0, 0]);
  expect(again.totals).toMatchObject({ counts: { skipped: 4 }, doneBytes: again.totals.sizeBytes });
});

it("sends what was changed here or there, with the condition that it is what was listed", async () => {
  for (const name of ["here", "kept", "there"]) rig.file(`src/${name}`, `${name} 1`);
  await sync();
  rig.file("src/here", "here 2!");
  rig.store.seed("there", Buffer.from("other 1"));
  expect(countsOf(await sync())).toEqual([2, 0]);
  expect(rig.stored()).toEqual({ here: "here 2!", kept: "kept 1", there: "there 1" });
  expect(rig.store.count("put")).toBe(2);
  expect(rig.store.calls.some((call) => call.startsWith("stat"))).toBe(false);
});

it("compares what it does not know by digest, and knows it from then on", async () => {
  rig.file("src/same", "same");
  rig.file("src/other", "othe1");
  rig.store.seed("same", Buffer.from("same"));
  rig.store.seed("other", Buffer.from("othe2"));
  expect(countsOf(await sync())).toEqual([1, 0]);
  expect(rig.store.count("put")).toBe(1);
  await sync();
  expect([rig.store.listCount, rig.store.calls]).toEqual([1, []]);
  // Whoever asks for digests gets them of all.
  expect(countsOf(await sync({ ...PLAIN, byDigest: true }))).toEqual([0, 0]);
  expect(rig.store.calls.filter((call) => call.startsWith("pieces"))).toHaveLength(2);
});

it("sends again what no digest of the store can prove, as long as it does not know it", async () => {
  rig.store.isSha256Kept = false;
  rig.store.isEtagOpaque = true;
  rig.file("src/a", "same");
  rig.store.seed("a", Buffer.from("same"));
  expect(countsOf(await sync())).toEqual([1, 0]);
  expect(countsOf(await sync())).toEqual([0, 0]);
});

it("judges anew what somebody replaced while it was on its way", async () => {
  rig.file("src/a", "mine");
  rig.store.seed("a", Buffer.from("old!"));
  rig.store.before = (call, attempt) => {
    if (call === "put" && attempt === 1) rig.store.seed("a", Buffer.from("new!"));
  };
  expect((await sync()).state.phase).toBe("done");
  expect(rig.stored()).toEqual({ a: "mine" });
});

it("looks again at what is gone, or another one, since it was listed", async () => {
  for (const name of ["gone", "other"]) put(name, `${name}.`);
  for (const key of ["gone", "other"]) rig.store.seed(key, Buffer.from(`${key}!`));
  rig.store.before = (call) => {
    if (!call.startsWith("pieces")) return;
    rig.store.objects.delete("gone");
    throw new LonghaulError(call.endsWith("gone") ? "object-missing" : "object-changed", call);
  };
  rig.store.after = () => {
    if (rig.store.calls.some((call) => call.startsWith("stat"))) rig.store.before = () => undefined;
  };
  expect(countsOf(await sync())).toEqual([2, 0]);
  expect(rig.stored()).toEqual({ gone: "gone.", other: "other." });
});

it("removes what is there alone, after all else has moved, and lists once more for it", async () => {
  for (const name of ["a", "d/b", "new"]) put(name);
  for (const key of ["a", "d/b", "d/", "gone", "d.old", "x/y"])
    rig.store.seed(key, Buffer.from(key));
  rig.store.pageSize = 2;
  const done = await sync(DELETES);
  expect(countsOf(done)).toEqual([1, 3]);
  expect(Object.keys(rig.stored())).toEqual(["a", "d/", "d/b", "new"]);
  expect(rig.store.calls.indexOf("put")).toBeLessThan(rig.store.calls.indexOf("removeAll 3"));
  expect(rig.store.listCount).toBe(7);
  await sync(DELETES);
  rig.store.pageSize = Infinity;
  rig.store.objects.delete("d/");
  await sync(DELETES);
  // It was seen that there is nothing to delete.
  expect([rig.store.listCount, rig.store.calls]).toEqual([1, []]);
});

it("removes nothing that is excluded, and nothing that a link is in the way of", async () => {
  put("a");
  symlinkSync("/", rig.path("src/link"));
  for (const key of ["a", "link/deep", "tmp/1", "tmp/2", "z"])
    rig.store.seed(key, Buffer.from(key));
  expect(countsOf(await sync(DELETES, { exclude: ["tmp/"] }))).toEqual([0, 1]);
  expect(Object.keys(rig.stored())).toEqual(["a", "link/deep", "tmp/1", "tmp/2"]);
});

it("removes nothing below a prefix that is not its own", async () => {
  put("a");
  for (const key of ["t/x", "tt/x", "s", "u"]) rig.store.seed(key, Buffer.from(key));
  const destination = { ...anUploadSpec().destination, prefix: "t/" };
  await sync(DELETES, { destination });
  expect(Object.keys(rig.stored())).toEqual(["s", "t/a", "tt/x", "u"]);
});

it("of a source without anything removes nothing, unless that is meant", async () => {
  rig.store.seed("a", Buffer.from("a"));
  mkdirSync(rig.path("src/mounted/here"), { recursive: true });
  const failed = await sync(DELETES);
  expect(failed.state).toMatchObject({ phase: "failed", error: { code: "conflict" } });
  expect(rig.stored()).toEqual({ a: "a" });
  expect(countsOf(await sync({ ...DELETES, allowsEmpty: true }))).toEqual([0, 1]);
  expect(rig.stored()).toEqual({});
});

it("of a source that is gone removes nothing, whatever was said", async () => {
  rig.store.seed("a", Buffer.from("a"));
  put("a");
  const sources = [rig.path("unplugged")];
  const failed = await sync({ ...DELETES, allowsEmpty: true }, { sources });
  expect(failed.state).toMatchObject({ phase: "failed", error: { code: "path-missing" } });
  expect(rig.stored()).toEqual({ a: "a" });
});

it("removes nothing as long as something could not be sent", async () => {
  for (const name of ["a", "b"]) put(name);
  rig.store.seed("gone", Buffer.from("x"));
  rig.store.before = (call, attempt) => {
    if (call === "put" && attempt === 1) throw new LonghaulError("conflict", "somebody");
  };
  const id = await start(DELETES);
  expect((await rig.rest(id)).state.phase).toBe("failed");
  expect(Object.keys(rig.stored())).toContain("gone");
  await rig.desk.goOn(id);
  expect(countsOf(await rig.until(id, ({ state }) => state.phase === "done"))).toEqual([2, 1]);
  expect(Object.keys(rig.stored())).toEqual(["a", "b"]);
});

it("leaves an object that is another one by the time it would go, or whose file came back", async () => {
  put("a");
  for (const key of ["a", "g1", "g2", "g3"]) rig.store.seed(key, Buffer.from(key));
  rig.store.before = (call) => {
    if (call.startsWith("removeAll")) rig.store.seed("g1", Buffer.from("new"));
  };
  let lists = 0;
  rig.store.after = (call) => {
    if (call === "list" && (lists += 1) === 2) void rig.file("src/g2/x");
  };
  const done = await sync(DELETES);
  expect(Object.keys(rig.stored())).toEqual(["a", "g1", "g2"]);
  expect(countsOf(done)).toEqual([0, 1]);
});

it("leaves an object whose file comes back just before it would go", async () => {
  put("a");
  for (const key of ["g1", "g2"]) rig.store.seed(key, Buffer.from(key));
  const { journal } = rig;
  const items = journal.items.bind(journal);
  journal.items = async (query) => {
    const rows = await items(query);
    if (rows.some(({ name }) => name === "g1")) put("g1");
    return rows;
  };
  expect(countsOf(await sync(DELETES))).toEqual([1, 1]);
  expect(Object.keys(rig.stored())).toEqual(["a", "g1"]);
});

it.skipIf(process.platform !== "linux")(
  "sends what has a name that is no UTF-8, and deletes nothing beside it",
  async () => {
    put("a");
    writeFileSync(Buffer.concat([Buffer.from(rig.path("src/")), Buffer.of(0x62, 0xff)]), "odd");
    expect(countsOf(await sync())).toEqual([2, 0]);
    expect(rig.stored()).toMatchObject({ "b%FF": "odd" });
    rig.store.seed("gone", Buffer.from("x"));
    expect((await sync(DELETES)).state).toMatchObject({ error: { code: "unsupported" } });
    expect(Object.keys(rig.stored())).toEqual(["a", "b%FF", "gone"]);
  },
);

it("goes on after a crash between what moves and what goes, and in the middle of what goes", async () => {
  for (const name of ["a", "b"]) put(name);
  for (const key of ["g1", "g2"]) rig.store.seed(key, Buffer.from(key));
  const gates = [new Gate(), new Gate()];
  const door = async (call: string, attempt: number) => {
    if (call === "list" && attempt === 2) await gates[0]?.pass();
    if (call.startsWith("removeAll") && attempt === 1) await gates[1]?.pass();
  };
  rig.store.before = door;
  const id = await start(DELETES);
  for (const gate of gates) {
    await gate.reached;
    const restarting = rig.restart();
    gate.open();
    await restarting;
    rig.runner.wake();
  }
  expect(countsOf(await rig.rest(id))).toEqual([2, 2]);
  expect(Object.keys(rig.stored())).toEqual(["a", "b"]);
  expect(rig.store.count("put")).toBe(2);
});

it("goes on with what moves where it was seen that nothing is to go", async () => {
  for (const name of ["a", "b"]) put(name);
  const gate = new Gate();
  rig.connections = 1;
  rig.store.before = async (call, attempt) => {
    if (call === "put" && attempt === 1) await gate.pass();
  };
  const id = await start(DELETES);
  await gate.reached;
  await rig.until(id, ({ listing }) => listing.isComplete);
  const restarting = rig.restart();
  gate.open();
  await restarting;
  rig.runner.wake();
  expect((await rig.rest(id)).state.phase).toBe("done");
  expect(Object.keys(rig.stored())).toEqual(["a", "b"]);
});

it("says in a dry run exactly what it then does, and touches nothing", async () => {
  for (const name of ["same", "new", "other"]) rig.file(`src/${name}`, `${name}.`);
  for (const key of ["same", "other", "gone"]) rig.store.seed(key, Buffer.from(`${key}.`));
  rig.store.seed("other", Buffer.from("OTHER."));
  const before = rig.stored();
  const dry = await sync({ ...DELETES, isDryRun: true });
  expect(dry.state.phase).toBe("done");
  expect(rig.stored()).toEqual(before);
  expect(dry.counters.sync).toEqual({
    moves: 2,
    moveBytes: 10,
    deletes: 1,
    same: 1,
    keepsVersions: false,
  });
  const real = await sync(DELETES);
  expect(real.counters.sync).toEqual(dry.counters.sync);
  expect(rig.stored()).toEqual({ same: "same.", new: "new.", other: "other." });
});

it("removes nothing where more is to go than somebody agreed to", async () => {
  put("a");
  for (const key of ["g1", "g2"]) rig.store.seed(key, Buffer.from(key));
  const { state } = await sync({ ...DELETES, mostDeletes: 1 });
  expect(state).toMatchObject({ error: { code: "conflict", details: { cause: "more-deletes" } } });
  expect(Object.keys(rig.stored())).toEqual(["a", "g1", "g2"]);
  const { id } = await sync({ ...DELETES, mostDeletes: 2 });
  expect(countsOf(await rig.until(id, (one) => one.state.phase === "done"))).toEqual([1, 2]);
  // It is the same transfer, with what was agreed to last.
  expect(rig.book.list()).toHaveLength(1);
});

it("says when the bucket keeps what was removed", async () => {
  put("a");
  rig.store.seed("gone", Buffer.from("x"));
  rig.store.keepsVersions = true;
  expect((await sync(DELETES)).counters.sync).toMatchObject({ deletes: 1, keepsVersions: true });
});
