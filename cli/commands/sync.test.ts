import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallHandlers } from "#shared/contract.ts";
import { NO_SYNC } from "#shared/sync.ts";
import type { TransferView } from "#shared/transfer.ts";
import { done, makeItem, makeView } from "../fake-views.ts";
import { openProgram } from "../program-rig.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-sync-"));
  writeFileSync(join(folder, "big.bin"), "x");
  mkdirSync(join(folder, "tree"));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Counts = Partial<typeof NO_SYNC> & { readonly isDryRun?: boolean };

function synced(counts: Counts, given: Partial<TransferView> = {}): TransferView {
  const sync = { ...NO_SYNC, isDryRun: false, ...counts };
  return makeView({ name: "tree", state: done, itemCount: 8, sync, ...given });
}

const CLEARS = { "transfer.clear": async () => null, "transfer.cap": async () => null };

function open(views: readonly TransferView[], handlers: Partial<CallHandlers> = {}) {
  return openProgram(folder, { ...CLEARS, ...handlers }, views);
}

/** Its transfers end one after the other, each as `views` says. */
function openInTurn(views: readonly TransferView[], handlers: Partial<CallHandlers> = {}) {
  const left = [...views];
  const rig = open([], {
    "transfer.upload": async () => {
      const view = left.shift() ?? makeView({ state: done });
      setImmediate(() => rig.engine.emit({ type: "transfers", changed: [view], removed: [] }));
      return { id: view.id, isContinued: false };
    },
    ...handlers,
  });
  return rig;
}

it("syncs a folder to a prefix, and says what moved and what was the same", async () => {
  const rig = open([synced({ moves: 2, moveBytes: 3e9, same: 6 })]);
  expect(await rig.run("sync", "tree", "s3://lab/t", "--checksum", "--exclude", "*.tmp")).toBe(0);
  expect(rig.terminal.outLines).toEqual([
    "synced tree to s3://lab/t/: 2 uploaded (3 GB) in 10 s, 6 were the same",
  ]);
  expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([
    {
      sources: [{ path: join(folder, "tree") }],
      destination: { bucket: "lab", prefix: "t/" },
      contentsOnly: true,
      exclude: ["*.tmp"],
      sync: { deletes: false, byDigest: true, isDryRun: false, allowsEmpty: false },
    },
  ]);
});

it("syncs a prefix to a folder, and a key without / is one", async () => {
  const rig = open([synced({ same: 8 }, { direction: "download" })]);
  expect(await rig.run("sync", "s3://lab/t", "new")).toBe(0);
  expect(rig.engine.inputsOf("transfer.download")).toMatchObject([
    { keys: ["t/"], folder: { path: join(folder, "new") }, contentsOnly: true, sync: {} },
  ]);
  expect(rig.terminal.outLines[0]).toContain("all 8 are the same");
});

it("says in a dry run what would be done, makes no folder, and leaves no transfer behind", async () => {
  const counts = { moves: 1, moveBytes: 10, deletes: 2, same: 5, isDryRun: true };
  const rig = open([synced(counts, { direction: "download" })]);
  expect(await rig.run("sync", "--dry-run", "--delete", "s3://lab/t/", "not-made")).toBe(0);
  expect(rig.terminal.outLines[0]).toMatch(/^would sync .*: 1 to download .*, 2 to delete, 5 are/u);
  expect(existsSync(join(folder, "not-made"))).toBe(false);
  expect(rig.engine.inputsOf("transfer.clear")).toHaveLength(1);
});

const PLANNED = synced({ moves: 1, deletes: 2, same: 5, isDryRun: true }, { skippedItemCount: 8 });
const DOOMED = ["x/1", "x/2"].map((name) => makeItem({ name, note: "would be deleted" }));
const NAMES = { "transfer.items": async () => ({ items: DOOMED, total: 2 }) };

it("asks before it deletes, with the names, and deletes no more than was agreed to", async () => {
  const rig = openInTurn([PLANNED, synced({ moves: 1, deletes: 2, same: 5 })], NAMES);
  rig.terminal.canAsk = true;
  rig.terminal.answers.push("y");
  expect(await rig.run("sync", "--delete", "tree", "s3://lab/t/")).toBe(0);
  expect(rig.terminal.errLines.join("\n")).toContain("delete x/1\n  delete x/2");
  const wishes = rig.engine.inputsOf("transfer.upload");
  expect(wishes).toMatchObject([
    { sync: { isDryRun: true, deletes: true, allowsEmpty: true } },
    { sync: { isDryRun: false, deletes: true, allowsEmpty: false, mostDeletes: 2 } },
  ]);
});

it("does nothing where the answer is no", async () => {
  const rig = openInTurn([PLANNED], NAMES);
  rig.terminal.canAsk = true;
  rig.terminal.answers.push("");
  expect(await rig.run("sync", "--delete", "tree", "s3://lab/t/")).not.toBe(0);
  expect(rig.engine.inputsOf("transfer.upload")).toHaveLength(1);
  expect(rig.terminal.errLines.at(-1)).toBe("Nothing was moved or deleted.");
});

it("asks about an empty source with what that may be, and asks nothing where nothing is to do", async () => {
  const all = synced({ deletes: 2, isDryRun: true }, { itemCount: 2, skippedItemCount: 2 });
  const rig = openInTurn([all, synced({ deletes: 2 })], NAMES);
  rig.terminal.canAsk = true;
  rig.terminal.answers.push("yes");
  expect(await rig.run("sync", "--delete", "tree", "s3://lab/t/")).toBe(0);
  expect(rig.terminal.errLines.join("\n")).toContain("Nothing at all is at the source");
  expect(rig.engine.inputsOf("transfer.upload")[1]).toMatchObject({ sync: { allowsEmpty: true } });
  const same = openInTurn([synced({ same: 8, isDryRun: true })]);
  same.terminal.canAsk = true;
  expect(await same.run("sync", "--delete", "tree", "s3://lab/t/")).toBe(0);
  expect(same.engine.inputsOf("transfer.upload")).toHaveLength(1);
});

it.each([
  [["--delete", "tree", "s3://lab/t/"], "nobody can be asked here"],
  [["--delete", "--json", "tree", "s3://lab/t/"], "nobody can be asked here"],
  [["--delete", "--every", "10s", "tree", "s3://lab/t/"], "again and again"],
  [["--every", "10s", "--dry-run", "tree", "s3://lab/t/"], "--dry-run looks once"],
  [["--every", "9s", "tree", "s3://lab/t/"], "10s is the least"],
  [["big.bin", "s3://lab/t/"], "for one file there is cp"],
  [["tree", "other"], "both are on this machine"],
  [["s3://a/b/", "s3://c/d/"], "s3:// to s3:// is not supported"],
  [["tree"], "ne source and one destination"],
  [["tree", "big.bin", "s3://lab/t/"], "ne source and one destination"],
])("refuses %j", async (args, why) => {
  const rig = open([]);
  expect(await rig.run("sync", ...args)).toBe(2);
  const said = [...rig.terminal.errLines, ...rig.terminal.outLines];
  expect(said.join("\n")).toContain(why);
  expect(rig.engine.inputsOf("transfer.upload")).toEqual([]);
});

it("deletes without a question where --yes says it, and ends with what went wrong", async () => {
  const error = {
    code: "conflict",
    message: "nothing is at tree",
    details: { cause: "empty-source" },
  };
  const view = synced({}, { state: { phase: "failed", atMs: 0, error } as TransferView["state"] });
  const rig = open([view]);
  expect(await rig.run("sync", "--delete", "--yes", "tree", "s3://lab/t/")).toBe(11);
  expect(rig.terminal.errLines.join("\n")).toContain("--allow-empty");
  expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([
    { sync: { deletes: true, mostDeletes: null } },
  ]);
});

it("looks anew after an unfinished one went on", async () => {
  const view = synced({ moves: 1, same: 7 });
  let starts = 0;
  const rig = open([], {
    "transfer.upload": async () => {
      setImmediate(() => rig.engine.emit({ type: "transfers", changed: [view], removed: [] }));
      return { id: view.id, isContinued: (starts += 1) === 1 };
    },
  });
  const code = await rig.run("sync", "tree", "s3://lab/t/");
  expect([code, rig.terminal.errLines]).toEqual([0, [expect.stringContaining("unfinished")]]);
  expect(starts).toBe(2);
});

it("goes on again and again until it is interrupted, also where one time fails", async () => {
  const error = { code: "unreachable", message: "", details: {} };
  const failed = synced(
    {},
    { state: { phase: "failed", atMs: 0, error } as TransferView["state"] },
  );
  const views = [synced({ moves: 1 }), failed, synced({ same: 1 })];
  let starts = 0;
  const rig = open([], {
    "transfer.upload": async () => {
      const view = views[starts++];
      if (view === undefined) rig.interrupt();
      const changed = view === undefined ? [] : [view];
      setImmediate(() => rig.engine.emit({ type: "transfers", changed, removed: [] }));
      return { id: makeView().id, isContinued: false };
    },
  });
  expect(await rig.run("sync", "--every", "10min", "tree", "s3://lab/t/")).toBe(130);
  expect(rig.clock.sleptMs).toEqual([600_000, 600_000, 600_000]);
  expect(rig.terminal.outLines).toHaveLength(2);
  // What went well is no news in a list; what failed stays.
  expect(rig.engine.inputsOf("transfer.clear")).toHaveLength(2);
});

it("prints the counts as JSON", async () => {
  const rig = open([synced({ moves: 1, moveBytes: 7, same: 7 })]);
  expect(await rig.run("sync", "--json", "tree", "s3://lab/t/")).toBe(0);
  expect(JSON.parse(rig.terminal.outLines.at(-1) ?? "")).toMatchObject({
    type: "result",
    sync: { moves: 1, moveBytes: 7, deletes: 0, same: 7, isDryRun: false },
    exitCode: 0,
  });
});
