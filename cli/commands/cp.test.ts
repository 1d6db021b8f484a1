import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallHandlers } from "#shared/contract.ts";
import type { TransferView } from "#shared/transfer.ts";
import { done, makeItem, makeView, running } from "../fake-views.ts";
import { openProgram } from "../program-rig.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-cp-"));
  writeFileSync(join(folder, "big.bin"), "x");
  mkdirSync(join(folder, "tree"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = (handlers: Partial<CallHandlers> = {}, views: readonly TransferView[] = []) =>
  openProgram(folder, handlers, views);

const finished = makeView({ state: done, doneBytes: 1e9, doneItemCount: 1, rung: "signed-sha256" });

it("copies a file and says what it made, how fast, and how it was checked", async () => {
  const rig = open({}, [makeView(), finished]);
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(0);
  expect(rig.terminal.outLines).toEqual([
    "uploaded big.bin to s3://lab/m/big.bin: 1 GB in 10 s (100 MB/s); sent under SHA-256 that the server checked",
  ]);
  expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([
    {
      sources: [{ path: join(folder, "big.bin") }],
      destination: { bucket: "lab", prefix: "m/" },
      rename: null,
      contentsOnly: false,
      onConflict: "fail",
    },
  ]);
  expect(rig.sessions).toMatchObject([{ command: "cp", runs: "own", isTransient: true }]);
  expect(rig.engine.isClosed).toBe(true);
});

it("makes the folder that a download names", async () => {
  const rig = open({}, [makeView({ direction: "download", state: done })]);
  expect(await rig.run("cp", "s3://lab/t/", "new/deep")).toBe(0);
  expect(rig.engine.inputsOf("transfer.download")).toMatchObject([
    { bucket: "lab", keys: ["t/"], folder: { path: join(folder, "new/deep") }, contentsOnly: true },
  ]);
  expect(existsSync(join(folder, "new/deep"))).toBe(true);
});

it("passes the flags on", async () => {
  const rig = open({ "transfer.cap": async () => null }, [finished]);
  const flags = ["--part-size", "64MiB", "--connections", "50", "--limit-rate", "40Mbit"];
  const more = [
    "--include",
    "*.bin",
    "--include",
    "*.json",
    "--exclude",
    "tmp/*",
    "--follow-symlinks",
  ];
  expect(
    await rig.run("cp", ...flags, ...more, "--on-conflict", "rename", "tree", "s3://lab/m"),
  ).toBe(0);
  expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([
    {
      partSizeBytes: 64 * 1024 * 1024,
      include: ["*.bin", "*.json"],
      exclude: ["tmp/*"],
      followSymlinks: true,
      onConflict: "keep-both",
      contentsOnly: true,
    },
  ]);
  expect(rig.engine.inputsOf("transfer.cap")).toEqual([
    { id: finished.id, bytesPerSecond: 5_000_000 },
  ]);
  expect(rig.sessions).toMatchObject([{ connections: 50 }]);
});

it("prints only what it made when quiet, and JSON lines when asked", async () => {
  const quiet = open({}, [finished]);
  await quiet.run("cp", "-q", "big.bin", "s3://lab/m/");
  expect([quiet.terminal.outLines, quiet.terminal.errLines]).toEqual([["s3://lab/m/big.bin"], []]);
  const item = makeItem({ phase: "done" });
  const items = { "transfer.items": async () => ({ items: [item], total: 1 }) };
  const json = open(items, [{ ...finished, resumedAtBytes: 7 }]);
  await json.run("cp", "--json", "big.bin", "s3://lab/m/");
  expect(json.terminal.outLines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { type: "item", index: 0, name: "big.bin", phase: "done", receipt: null },
    {
      type: "result",
      phase: "done",
      to: "s3://lab/m/big.bin",
      resumedAtBytes: 7,
      exitCode: 0,
      error: null,
    },
  ]);
});

it("asks for what moves to be read back, and ends with 7 where that is wrong", async () => {
  const wrong = { code: "corrupt", message: "", details: { cause: "read-back" } };
  const state = { phase: "failed", atMs: 0, error: wrong };
  const rig = open({}, [makeView({ state })]);
  expect(await rig.run("cp", "--verify", "big.bin", "s3://lab/m/")).toBe(7);
  expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([{ readBack: true }]);
  const plain = open({}, [finished]);
  await plain.run("cp", "big.bin", "s3://lab/m/");
  expect(plain.engine.inputsOf("transfer.upload")).toMatchObject([{ readBack: false }]);
});

it("says that identical content is there already, and succeeds", async () => {
  const view = makeView({ state: done, doneBytes: 1e9, keptBytes: 1e9, rung: "part-sha256" });
  const rig = open({}, [view]);
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(0);
  expect(rig.terminal.outLines[0]).toContain("already there");
});

it("says where a file went that was saved beside another", async () => {
  const items = [makeItem({ phase: "done", note: "saved as big (2).bin" })];
  const handlers = { "transfer.items": async () => ({ items, total: 1 }) };
  const rig = open(handlers, [finished]);
  await rig.run("cp", "--on-conflict", "rename", "big.bin", "s3://lab/m/");
  expect(rig.terminal.outLines[0]).toContain("to s3://lab/m/big (2).bin: ");
  const json = open(handlers, [finished]);
  await json.run("cp", "--json", "--on-conflict", "rename", "big.bin", "s3://lab/m/");
  expect(JSON.parse(json.terminal.outLines.at(-1) ?? "")).toMatchObject({
    to: "s3://lab/m/big (2).bin",
  });
});

it("does not claim that what was skipped for other content is there", async () => {
  const items = [makeItem({ phase: "skipped", note: "other content is there" })];
  const view = makeView({ state: done, doneBytes: 1e9, keptBytes: 1e9, skippedItemCount: 1 });
  const handlers = { "transfer.items": async () => ({ items, total: 1 }) };
  const rig = open(handlers, [view]);
  expect(await rig.run("cp", "--on-conflict", "skip", "big.bin", "s3://lab/m/")).toBe(0);
  expect(rig.terminal.outLines).toEqual([
    "nothing uploaded to s3://lab/m/big.bin: other content is there, and is left as it is",
  ]);
  const quiet = open(handlers, [view]);
  await quiet.run("cp", "-q", "--on-conflict", "skip", "big.bin", "s3://lab/m/");
  expect(quiet.terminal.outLines).toEqual([]);
});

it("says of a download that its file is there already, not that its object is", async () => {
  const error = { code: "conflict", message: "", details: { path: "/d/a", key: "a" } } as const;
  const items = [makeItem({ name: "a", phase: "failed", error })];
  const view = makeView({
    direction: "download",
    state: { phase: "failed", atMs: 0, error },
    failedItemCount: 1,
  });
  const rig = open({ "transfer.items": async () => ({ items, total: 1 }) }, [view]);
  expect(await rig.run("cp", "s3://lab/a", "here/")).toBe(11);
  expect(rig.terminal.errLines[0]).toMatch(/^a: CONFLICT: \/d\/a is there already, and differs\./);
});

it("keeps the parts at Ctrl-C and says how to go on", async () => {
  const rig = open({}, [makeView()]);
  const stopping = rig.run("cp", "big.bin", "s3://lab/two words/");
  setTimeout(rig.interrupt, 5);
  expect(await stopping).toBe(130);
  expect(rig.terminal.errLines).toEqual([
    "Stopped. What was moved is kept; to go on: longhaul cp big.bin 's3://lab/two words/'",
  ]);
  expect([rig.engine.isClosed, rig.engine.inputsOf("transfer.cancel")]).toEqual([true, []]);
});

const failed = (code: string, given = {}) =>
  makeView({
    state: { phase: "failed", atMs: 0, error: { code, message: "", details: {} } },
    ...given,
  });

it.each([
  ["unknown-host", 5],
  ["unreachable", 5],
  ["untrusted-certificate", 5],
  ["access-denied", 6],
  ["bucket-missing", 4],
  ["corrupt", 7],
  ["disk-full", 8],
  ["conflict", 11],
  ["source-changed", 1],
])("ends with the exit code of %s: %i", async (code, exitCode) => {
  const rig = open({}, [failed(code)]);
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(exitCode);
  expect(rig.terminal.outLines).toEqual([]);
  expect(rig.terminal.errLines).toContain("Nothing was moved.");
});

it.each([
  [[], {}, "Given up after 2 min without a byte."],
  [[], { doneBytes: 9, keptBytes: 5 }, "Given up after 30 min without a byte."],
  [["--give-up-after", "45min"], {}, "Given up after 45 min without a byte."],
])("with %j says when it gave up, and how to go on", async (flags, given, words) => {
  const rig = open({}, [failed("unreachable", given)]);
  const args = ["cp", ...flags, "big.bin", "s3://lab/m/"];
  expect(await rig.run(...args)).toBe(5);
  expect(rig.terminal.errLines.at(-1)).toBe(`${words} To go on: longhaul ${args.join(" ")}`);
});

it.each([
  ["45min", 2_700_000],
  ["off", Infinity],
])("takes --give-up-after %s", async (given, giveUpAfterMs) => {
  const rig = open({}, [failed("invalid")]);
  await rig.run("cp", "--give-up-after", given, "big.bin", "s3://lab/m/");
  expect(rig.sessions).toMatchObject([{ giveUpAfterMs, canYield: false }]);
});

it("ends when the transfer waits for a person, with what it waits for", async () => {
  const error = { code: "credentials-expired", message: "", details: {} };
  const paused = { phase: "paused", cause: "credentials", sinceMs: 0, error };
  const rig = open({}, [makeView({ state: paused, doneBytes: 5e8 })]);
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(6);
  expect(rig.terminal.errLines.at(-1)).toBe(
    "500 MB of 1 GB is kept; the same command goes on from there.",
  );
});

it("names failed items and takes the exit code that they have in common", async () => {
  const error = { code: "access-denied", message: "", details: {} } as const;
  const items = [1, 2].map((index) =>
    makeItem({ index, name: `f${index}`, phase: "failed", error }),
  );
  const view = failed("items-failed", { failedItemCount: 2 });
  const rig = open({ "transfer.items": async () => ({ items, total: 2 }) }, [view]);
  expect(await rig.run("cp", "tree", "s3://lab/m/")).toBe(6);
  expect(rig.terminal.errLines.slice(0, 2)).toMatchObject([
    /^f1: AUTH_DENIED: /,
    /^f2: AUTH_DENIED: /,
  ]);
});

it("asks about other content on a terminal, until it understands the answer", async () => {
  const asking = makeView({ askingItemCount: 1 });
  const handlers: Partial<CallHandlers> = {
    "transfer.items": async () => ({
      items: [makeItem({ name: "a\x1b[2J", phase: "asking" })],
      total: 1,
    }),
    "transfer.answer": async () => {
      rig.engine.emit({ type: "transfers", changed: [finished], removed: [] });
      return null;
    },
  };
  const rig = open(handlers, [asking]);
  rig.terminal.canAsk = true;
  rig.terminal.answers = ["what?", "R"];
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(0);
  expect(rig.terminal.errLines).toEqual(["Other content is already there: $'a\\x1b[2J'"]);
  expect(rig.engine.inputsOf("transfer.answer")).toMatchObject([
    { answer: "replace", forAll: true },
  ]);
  expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([{ onConflict: "ask" }]);
});

it("names the transfers that it leaves as they are", async () => {
  const other = makeView({
    id: "00000000-0000-4000-8000-000000000000",
    name: "other",
    state: running,
  });
  const rig = open({ "transfer.list": async () => [other] }, [finished]);
  await rig.run("cp", "big.bin", "s3://lab/m/");
  expect(rig.terminal.errLines).toEqual(["Left as it is: other to s3://lab/m/"]);
});

it("says as a JSON line what a dry run would move, and fails for an object that is not there", async () => {
  const object = { key: "m/a.bin", sizeBytes: 7, modifiedAtMs: 0, etag: "e" };
  const rig = open({
    "library.list": async () => ({ prefixes: [], objects: [object], cursor: null }),
  });
  expect(await rig.run("cp", "-n", "--json", "s3://lab/m/a.bin", "b.bin")).toBe(0);
  expect(rig.terminal.outLines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { type: "preview", direction: "download", files: 1, to: join(folder, "b.bin") },
  ]);
  expect(await rig.run("cp", "-n", "s3://lab/m/none", "b.bin")).toBe(4);
});

it("says that nothing was left to move, and what was read back", async () => {
  const empty = open({}, [makeView({ state: done, itemCount: 0, totalBytes: 0 })]);
  expect(await empty.run("cp", "--include", "typo", "tree", "s3://lab/t/")).toBe(0);
  expect(empty.terminal.outLines.join()).toContain("nothing to upload from big.bin");
  const whole = open({}, [makeView({ state: done, doneItemCount: 1, doneBytes: 1e9 })]);
  expect(await whole.run("cp", "--verify", "big.bin", "s3://lab/m/")).toBe(0);
  expect(whole.terminal.outLines.join()).toMatch(/read back and the same$/);
});

it("measures and moves nothing in a dry run", async () => {
  const rig = open({
    "folder.measure": async () => ({ files: 12, folders: 2, sizeBytes: 3e9, isCut: false }),
  });
  expect(await rig.run("cp", "-n", "tree", "s3://lab/t")).toBe(0);
  expect(rig.terminal.outLines).toEqual([
    `would upload ${join(folder, "tree")} to s3://lab/t/: 12 files, 3 GB`,
  ]);
  expect(rig.engine.inputsOf("transfer.upload")).toEqual([]);
});
