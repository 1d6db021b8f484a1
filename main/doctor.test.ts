import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { lockHome } from "./disk/home-lock.ts";
import { examineHome, failedBy } from "./doctor.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-doctor-"));
});
afterEach(() => rmSync(home, { recursive: true }));

async function look(given: object = {}) {
  const versions = { nodeVersion: "24.0.0", sqliteVersion: "3.53.4" };
  const checks = await examineHome({ home, program: "a test", nowMs: 1, ...versions, ...given });
  return Object.fromEntries(checks.map(({ name, ...rest }) => [name, rest]));
}

it("passes a home that is new, with a line for each thing it looked at", async () => {
  const found = await look();
  expect(Object.keys(found)).toEqual(["versions", "home", "lock", "space", "journal", "logs"]);
  expect(Object.values(found).map(({ outcome }) => outcome)).toEqual(Array(6).fill("passed"));
});

it("says who runs an engine here, which is no fault", async () => {
  const lock = lockHome(home, { pid: 7, program: "longhaul serve", sinceMs: 1 });
  expect((await look())["lock"]).toMatchObject({
    outcome: "passed",
    found: "held by longhaul serve, process 7",
  });
  lock.release();
});

it("finds a damaged journal, and says what to do", async () => {
  const path = join(home, "journal.db");
  writeFileSync(path, Buffer.alloc(8192, "not a database "));
  const { journal } = await look();
  expect(journal?.outcome).toBe("failed");
});

it("finds a journal whole", async () => {
  const database = new DatabaseSync(join(home, "journal.db"));
  database.exec("CREATE TABLE t (a)");
  database.close();
  expect((await look())["journal"]).toMatchObject({ outcome: "passed", found: "whole" });
});

it("names the SQLite whose write-ahead log is not safe", async () => {
  const { versions } = await look({ sqliteVersion: "3.40.0" });
  expect(versions).toMatchObject({ outcome: "failed", remedy: "Run Longhaul with a newer Node." });
});

it("refuses a folder that others use too", async () => {
  writeFileSync(join(home, "of somebody else"), "");
  chmodSync(home, 0o755);
  expect((await look())["home"]).toMatchObject({ outcome: "failed" });
});

it("words a failure as it is worded elsewhere", () => {
  const { outcome, found } = failedBy(new LonghaulError("disk-full", "x"));
  expect([outcome, found === ""]).toEqual(["failed", false]);
});
