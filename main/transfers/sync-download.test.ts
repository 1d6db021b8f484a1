import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncWish } from "#shared/sync.ts";
import type { TransferId } from "#shared/transfer.ts";
import { aCopy } from "../cache/fake-cache-journal.ts";
import { intendPartFile } from "../disk/part-file.ts";
import { Gate, ORIGIN, RunRig } from "./run-rig.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { DownloadSpec } from "./transfer-spec.ts";

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

function seed(...keys: readonly string[]): void {
  for (const key of keys) rig.store.seed(`m/${key}`, Buffer.from(key));
}

async function start(wish = PLAIN, given: Partial<DownloadSpec> = {}): Promise<TransferId> {
  const all = { contentsOnly: true, onConflict: "replace", sync: wish } as const;
  return await rig.download({ keys: ["m/"], ...all, ...given });
}

async function sync(wish = PLAIN, given: Partial<DownloadSpec> = {}): Promise<TransferRecord> {
  rig.store.calls.length = 0;
  rig.store.listCount = 0;
  return await rig.rest(await start(wish, given));
}

function countsOf({ counters }: TransferRecord) {
  const { moves, deletes } = counters.sync ?? { moves: -1, deletes: -1 };
  return [moves, deletes];
}

/** All that is there, folders with `/` at the end. */
function here(): string[] {
  const entries = readdirSync(rig.path("down"), { recursive: true, withFileTypes: true });
  const names = entries.map((entry) => {
    const path = `${entry.parentPath}/${entry.name}`.slice(rig.path("down").length + 1);
    return entry.isDirectory() ? `${path}/` : path;
  });
  return names.toSorted();
}

it("fetches all at first, and at the second time lists a page and asks nothing else", async () => {
  seed("a", "b/c", "b/d");
  expect(countsOf(await sync())).toEqual([3, 0]);
  expect(countsOf(await sync())).toEqual([0, 0]);
  expect([rig.store.listCount, rig.store.calls]).toEqual([1, []]);
  expect(countsOf(await sync({ ...PLAIN, byDigest: true }))).toEqual([0, 0]);
  expect(rig.store.calls.filter((call) => call.startsWith("pieces"))).toHaveLength(3);
});

it("fetches what was changed here or there, and what cannot be proven, over what is here", async () => {
  seed("a", "b", "c");
  await sync();
  rig.file("down/a", "A");
  rig.store.seed("m/b", Buffer.from("B"));
  expect(countsOf(await sync())).toEqual([2, 0]);
  expect(["a", "b", "c"].map((name) => rig.read(`down/${name}`))).toEqual(["a", "B", "c"]);
  rig.store.isSha256Kept = false;
  rig.store.isEtagOpaque = true;
  rig.store.seed("m/c", Buffer.from("c"));
  expect(countsOf(await sync())).toEqual([1, 0]);
  expect(rig.bugs).toEqual([]);
});

it("removes files that are here alone, with the folders that this empties, and nothing else", async () => {
  seed("a", "deep/b");
  for (const name of ["old", "x/y/z", "x/kept.tmp", "deep/gone"]) rig.file(`down/${name}`);
  rig.file("outside");
  symlinkSync(rig.path("outside"), rig.path("down/link"));
  mkdirSync(rig.path("down/empty"));
  const part = intendPartFile(rig.path("down/other"), 1).path;
  rig.file(part.slice(rig.folder.length + 1));
  rig.store.pageSize = 1;
  const done = await sync(DELETES, { exclude: ["*.tmp"] });
  expect(countsOf(done)).toEqual([2, 3]);
  const kept = ["a", "deep/", "deep/b", "empty/", "link", "x/", "x/kept.tmp"];
  expect(here()).toEqual([part.slice(rig.path("down").length + 1), ...kept]);
  expect(existsSync(rig.path("outside"))).toBe(true);
  expect(rig.store.listCount).toBe(2);
});

it("forgets that it knew the files it removes", async () => {
  seed("a", "b");
  await sync();
  rig.store.objects.delete("m/b");
  await sync(DELETES);
  expect(await rig.journal.entriesAt([rig.path("down/a"), rig.path("down/b")])).toMatchObject([
    { key: "m/a" },
  ]);
});

it("removes nothing in folders that Longhaul keeps for itself", async () => {
  seed("a");
  rig.file("down/home/blob");
  rig.file("down/x");
  rig.protectedPaths = [rig.path("down/home")];
  expect(countsOf(await sync(DELETES))).toEqual([1, 1]);
  expect(here()).toEqual(["a", "home/", "home/blob"]);
  rig.file("down/x");
  rig.protectedPaths = [rig.folder];
  expect((await sync(DELETES)).state).toMatchObject({ error: { code: "invalid" } });
  expect(here()).toContain("x");
});

it("removes nothing of an archive that another transfer unpacks there", async () => {
  seed("a");
  for (const name of ["extract", "before"]) rig.file(`down/d/.longhaul-${name}-1f/tree/x`);
  expect(countsOf(await sync(DELETES))).toEqual([1, 0]);
});

it("leaves a file that another transfer brought from there since it was listed", async () => {
  seed("a");
  for (const name of ["new", "old", "other"]) {
    rig.file(`down/${name}`);
    const key = name === "other" ? "elsewhere/other" : `m/${name}`;
    const addedAtMs = name === "old" ? 0 : Number.MAX_SAFE_INTEGER;
    const entry = aCopy({ path: rig.path(`down/${name}`), origin: ORIGIN, key, addedAtMs });
    await rig.journal.commit([{ type: "entry-put", entry }]);
  }
  expect(countsOf(await sync(DELETES))).toEqual([1, 2]);
  expect(here()).toEqual(["a", "new"]);
});

it("leaves a file that was written since it was to be removed", async () => {
  seed("a");
  for (const name of ["g1", "g2"]) rig.file(`down/${name}`);
  const { journal } = rig;
  const items = journal.items.bind(journal);
  journal.items = async (query) => {
    const rows = await items(query);
    const isLast = rows.some(({ name }) => name === "g1") && query.phases?.[0] === "waiting";
    if (isLast) rig.file("down/g1", "written since");
    return rows;
  };
  expect(countsOf(await sync(DELETES))).toEqual([1, 1]);
  expect(here()).toEqual(["a", "g1"]);
});

it("of a prefix without anything removes nothing, unless that is meant", async () => {
  rig.file("down/x/y");
  expect((await sync(DELETES)).state).toMatchObject({ error: { code: "object-missing" } });
  const whole = { keys: [""] };
  expect((await sync(DELETES, whole)).state).toMatchObject({ error: { code: "conflict" } });
  expect(here()).toEqual(["x/", "x/y"]);
  // A folder's marker is no object that could be missing.
  rig.store.seed("m/x/", Buffer.alloc(0));
  expect((await sync(DELETES)).state).toMatchObject({ error: { code: "conflict" } });
  rig.store.objects.delete("m/x/");
  const meant = { ...DELETES, allowsEmpty: true };
  expect(countsOf(await sync({ ...meant, isDryRun: true }))).toEqual([0, 1]);
  expect(here()).toEqual(["x/", "x/y"]);
  expect(countsOf(await sync(meant))).toEqual([0, 1]);
  expect(here()).toEqual([]);
});

it("says in a dry run exactly what it then does, and touches nothing", async () => {
  seed("same", "new", "other");
  rig.store.seed("m/marker/", Buffer.alloc(0));
  for (const name of ["same", "gone"]) rig.file(`down/${name}`, name);
  rig.file("down/other", "OTHER");
  rig.volume.freeBytes = 1;
  const before = here();
  const dry = await sync({ ...DELETES, isDryRun: true });
  expect(dry.state.phase).toBe("done");
  expect(dry.counters.sync).toMatchObject({ moves: 2, deletes: 1 });
  expect([here(), rig.read("down/other")]).toEqual([before, "OTHER"]);
  rig.volume.freeBytes = 2 ** 40;
  const real = await sync(DELETES);
  expect(real.counters.sync).toEqual(dry.counters.sync);
});

it("makes nothing in a dry run where the folder is not there yet", async () => {
  seed("a", "b");
  const dry = await sync({ ...DELETES, isDryRun: true }, { folder: rig.path("not/yet") });
  expect(dry.state.phase).toBe("done");
  expect(countsOf(dry)).toEqual([2, 0]);
  expect(existsSync(rig.path("not"))).toBe(false);
});

it("goes on after a crash in the middle of what goes, and does the rest once", async () => {
  seed("a");
  for (const name of ["g1", "d/g2"]) rig.file(`down/${name}`);
  const gate = new Gate();
  const { journal } = rig;
  const commit = journal.commit.bind(journal);
  let isDead = false;
  // The files are gone, and the journal does not know it yet.
  journal.commit = async (changes) => {
    const isFate = changes.some((one) => "note" in one && one.note === "deleted");
    isDead ||= isFate;
    if (!isDead) return await commit(changes);
    await gate.pass();
    throw new DOMException("the process died", "AbortError");
  };
  const id = await start(DELETES);
  await gate.reached;
  expect(here()).toEqual(["a"]);
  const restarting = rig.restart();
  gate.open();
  await restarting;
  journal.commit = commit;
  rig.runner.wake();
  expect(countsOf(await rig.until(id, ({ state }) => state.phase === "done"))).toEqual([1, 2]);
});
