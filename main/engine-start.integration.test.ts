import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { UploadRequest } from "#shared/transfer-request.ts";
import { aHost, aHostInfo } from "./calls/calls-rig.ts";
import { PRACTICE_ID } from "./calls/practice.ts";
import { createEngine } from "./engine.ts";
import type { Engine, EngineHost, OwnEngine } from "./engine-host.ts";
import { systemClock } from "./flow/clock.ts";
import { MemoryDocument } from "./profiles/fakes.ts";

/** What the contract of `close` promises. */
const CLOSE_WITHIN_MS = 5000;

let home: string;
let document: MemoryDocument;
let logged: string[];
let engines: Engine[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-engine-"));
  document = new MemoryDocument();
  logged = [];
  engines = [];
});

afterEach(async () => {
  for (const engine of engines) await engine.close();
  rmSync(home, { recursive: true, force: true });
});

async function start(given: Partial<EngineHost> = {}): Promise<OwnEngine> {
  const info = aHostInfo({ home, roots: [home], userFolder: home });
  const log = (_level: string, text: string): void => void logged.push(text);
  const host = aHost({ info, document, clock: systemClock, log, ...given });
  const engine = await createEngine(host);
  engines.push(engine);
  return engine;
}

async function upload(engine: Engine, name = "a.bin") {
  const path = join(home, name);
  writeFileSync(path, name);
  const destination = { profileId: PRACTICE_ID, bucket: "practice", prefix: "" };
  const request = UploadRequest.parse({ sources: [{ path }], destination });
  return await engine.handlers["transfer.upload"](request);
}

async function phases(engine: Engine): Promise<string[]> {
  const views = await engine.handlers["transfer.list"](null);
  return views.map(({ state }) => state.phase);
}

it("has a home to itself, says who has it, and gives it back", async () => {
  const first = await start({ program: "longhaul serve" });
  await expect(start({ program: "Longhaul" })).rejects.toMatchObject({
    code: "locked",
    details: { holder: expect.stringContaining("longhaul serve") },
  });
  await Promise.all([first.close(), first.close()]);
  expect(await phases(await start())).toEqual([]);
});

it("follows no links for a page that may touch some folders, and does for a command", async () => {
  const engine = await start();
  const destination = { profileId: PRACTICE_ID, bucket: "practice", prefix: "" };
  const sources = [{ path: join(home, "a.bin") }];
  const request = UploadRequest.parse({ sources, destination, followSymlinks: true });
  const denied = { code: "path-denied" };
  await expect(engine.handlers["transfer.upload"](request)).rejects.toMatchObject(denied);
  const asked = await engine.local.handlers["transfer.upload"](request);
  expect(asked).toMatchObject({ id: expect.any(String) as string });
});

it("gives the home back when it cannot start", async () => {
  mkdirSync(join(home, "journal.db"));
  await expect(start()).rejects.toMatchObject({ code: "path-denied" });
  rmSync(join(home, "journal.db"), { recursive: true });
  writeFileSync(join(home, "incoming"), "a file in the way of the folder");
  await expect(start()).rejects.toThrow();
  rmSync(join(home, "incoming"));
  await start();
});

it("closes in time while a store hangs at its start, and goes on at the next", async () => {
  const hanging = await start({ startPractice: () => new Promise(() => undefined) });
  await upload(hanging);
  await expect.poll(() => phases(hanging)).toEqual(["running"]);
  const startMs = systemClock.nowMs();
  await hanging.close();
  expect(systemClock.nowMs() - startMs).toBeLessThan(CLOSE_WITHIN_MS);
  let startCount = 0;
  const next = await start({
    startPractice: () => {
      startCount += 1;
      return new Promise(() => undefined);
    },
  });
  await expect.poll(() => startCount).toBe(1);
  expect(await phases(next)).toEqual(["running"]);
});

it("takes no more once it is closed, as a wish and not as a failure", async () => {
  const engine = await start({ runs: "own" });
  await engine.close();
  await expect(upload(engine)).rejects.toMatchObject({ name: "AbortError" });
});

it("lets go on what rested because the engine died under it, if it may run it", async () => {
  const startPractice = () => new Promise<never>(() => undefined);
  const first = await start({ startPractice });
  await upload(first);
  await first.close();
  const database = new DatabaseSync(join(home, "journal.db"));
  const state = { phase: "paused", cause: "crashed", sinceMs: 1, untilMs: 2, error: null };
  database.prepare("UPDATE transfers SET state = ?").run(JSON.stringify(state));
  database.close();
  const command = await start({ startPractice, runs: "own" });
  expect(await phases(command)).toEqual(["paused"]);
  await command.close();
  const kept = new DatabaseSync(join(home, "journal.db"), { readOnly: true });
  const { state: left } = kept.prepare("SELECT state FROM transfers").get() ?? {};
  kept.close();
  expect(JSON.parse(String(left))).toEqual(state);
  const next = await start({ startPractice });
  await expect.poll(() => phases(next)).toEqual(["running"]);
});

it("leaves what it did not start alone, where one command runs only its own", async () => {
  const first = await start({ startPractice: () => new Promise(() => undefined) });
  await upload(first);
  await first.close();
  let startCount = 0;
  const command = await start({
    runs: "own",
    startPractice: () => {
      startCount += 1;
      return new Promise(() => undefined);
    },
  });
  expect(await phases(command)).toEqual(["queued"]);
  expect(startCount).toBe(0);
});

it("J4 journal of a newer version: shows what it queued, changes nothing of it, and says so", async () => {
  const first = await start({ startPractice: () => new Promise(() => undefined) });
  const { id } = await upload(first);
  await first.close();
  const path = join(home, "journal.db");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 99");
  database.close();
  const before = rowsOf(path);
  const engine = await start();
  expect(logged).toContainEqual(expect.stringContaining("a newer version"));
  expect(await phases(engine)).toEqual(["queued"]);
  await expect(upload(engine, "b.bin")).rejects.toMatchObject({ code: "unsupported" });
  const pausing = engine.handlers["transfer.pause"]({ id });
  await expect(pausing).rejects.toMatchObject({ code: "unsupported" });
  await engine.close();
  expect(rowsOf(path)).toBe(before);
});

it("J4 journal corrupt, without a copy: begins anew, and says where the damaged journal is", async () => {
  writeFileSync(join(home, "journal.db"), "x".repeat(10_000));
  const engine = await start();
  expect(await phases(engine)).toEqual([]);
  const kept = readdirSync(home).find((name) => name.startsWith("journal.db.damaged-"));
  expect(logged).toEqual([expect.stringContaining(kept ?? "no file is kept")]);
});

/** A digest of all that the journal holds. */
function rowsOf(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = ["transfers", "items", "parts", "totals"].map((table) =>
    database.prepare(`SELECT * FROM ${table}`).all(),
  );
  database.close();
  return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
}
