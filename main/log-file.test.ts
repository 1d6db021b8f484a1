import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { logFolderOf, logPathOf, openLogFile } from "./log-file.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-log-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const same = (text: string) => text;

function linesOf(path: string): Record<string, unknown>[] {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line): Record<string, unknown> => JSON.parse(line));
}

it("writes JSON lines without what the redactor takes out, readable by its user only", () => {
  const log = openLogFile(home, (text) => text.replaceAll("canary", "***"));
  log("warn", "key canary refused");
  log("info", "second");
  expect(linesOf(logPathOf(home))).toMatchObject([
    { level: 40, msg: "key *** refused", pid: process.pid },
    { level: 30, msg: "second" },
  ]);
  expect(statSync(logPathOf(home)).mode & 0o077).toBe(0);
  expect(statSync(logFolderOf(home)).mode & 0o077).toBe(0);
});

it("goes on where the last process stopped", () => {
  openLogFile(home, same)("info", "first");
  openLogFile(home, same)("info", "second");
  expect(linesOf(logPathOf(home)).map((line) => line["msg"])).toEqual(["first", "second"]);
});

it("J14 whatever is logged, there are ten files of a bounded length, the newest lines in the first", () => {
  const log = openLogFile(home, same, { fileBytes: 1000, fileCount: 10 });
  for (let n = 0; n < 500; n += 1) log("info", `line ${n}`);
  const folder = logFolderOf(home);
  const names = readdirSync(folder);
  expect(names.length).toBe(10);
  const sizes = names.map((name) => statSync(join(folder, name)).size);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
  expect(linesOf(logPathOf(home)).at(-1)).toMatchObject({ msg: "line 499" });
  const before = linesOf(join(folder, "longhaul.1.log")).at(-1)?.["msg"];
  const first = linesOf(logPathOf(home))[0]?.["msg"];
  expect(Number(String(first).slice(5)) - Number(String(before).slice(5))).toBe(1);
});

it("J14 a line as long as a server likes does not fill a file", () => {
  openLogFile(home, same)("error", "x".repeat(1_000_000));
  expect(statSync(logPathOf(home)).size).toBeLessThan(17_000);
});

it("J14 a file that another process filled is set aside by the next line", () => {
  openLogFile(home, same, { fileBytes: 500, fileCount: 3 })("info", "x".repeat(490));
  openLogFile(home, same, { fileBytes: 500, fileCount: 3 })("info", "next");
  expect(linesOf(logPathOf(home)).map((line) => line["msg"])).toEqual(["next"]);
  expect(readdirSync(logFolderOf(home)).length).toBe(2);
});

it.skipIf(process.platform !== "linux")(
  "J4 a full disk takes no line, and ends nothing",
  async () => {
    mkdirSync(logFolderOf(home));
    symlinkSync("/dev/full", logPathOf(home));
    const log = openLogFile(home, same);
    for (let line = 0; line < 5; line += 1) log("error", "nobody will read this");
    await new Promise((resolve) => setImmediate(resolve));
    expect(readdirSync(logFolderOf(home))).toEqual(["longhaul.log"]);
  },
);
