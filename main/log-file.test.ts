import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openLogFile } from "./log-file.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-log-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const lines = () =>
  readFileSync(join(home, "longhaul.log"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it("writes JSON lines without what the redactor takes out, readable by its user only", () => {
  const log = openLogFile(home, (text) => text.replaceAll("canary", "***"));
  log("warn", "key canary refused");
  log("info", "second");
  expect(lines()).toMatchObject([
    { level: 40, msg: "key *** refused", pid: process.pid },
    { level: 30, msg: "second" },
  ]);
  expect(statSync(join(home, "longhaul.log")).mode & 0o077).toBe(0);
});

it("goes on where the last process stopped, and sets a long file aside", () => {
  openLogFile(home, (text) => text)("info", "first");
  openLogFile(home, (text) => text)("info", "second");
  expect(lines().map((line) => line["msg"])).toEqual(["first", "second"]);
  truncateSync(join(home, "longhaul.log"), 9 * 1024 * 1024);
  openLogFile(home, (text) => text)("info", "third");
  expect(lines().map((line) => line["msg"])).toEqual(["third"]);
  expect(existsSync(join(home, "longhaul.log.1"))).toBe(true);
});
