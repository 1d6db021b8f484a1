import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallHandlers } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { openProgram } from "./program-rig.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-program-"));
  writeFileSync(join(folder, "big.bin"), "x");
  mkdirSync(join(folder, "tree"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = (handlers: Partial<CallHandlers> = {}) => openProgram(folder, handlers);

it.each([
  [["cp"], 2],
  [["cp", "big.bin"], 2],
  [["cp", "a", "b", "s3://lab/x"], 2],
  [["cp", "gone.bin", "s3://lab/x"], 3],
  [["cp", "--limit-rate", "10", "big.bin", "s3://lab/"], 2],
  [["cp", "--limit-rate", "10M", "big.bin", "s3://lab/"], 2],
  [["cp", "--part-size", "1MiB", "big.bin", "s3://lab/"], 2],
  [["cp", "--connections", "0", "big.bin", "s3://lab/"], 2],
  [["cp", "--json", "--quiet", "big.bin", "s3://lab/"], 2],
  [["cp", "--profile", "nobody", "big.bin", "s3://lab/"], 3],
  [["cp", "big.bin", "oci://registry/x"], 2],
  [["copy", "big.bin", "s3://lab/"], 2],
  [["ls", "some/path"], 2],
  [["limit", "set"], 2],
  [["profiles", "add", "x"], 2],
  [["profiles", "add", "x", "--access-key-id", "AK", "--secret", "canary"], 2],
  [["serve", "--port", "70000"], 2],
  [["serve", "--host", "0.0.0.0"], 2],
])("refuses %j with exit code %i and a reason, and repeats no secret", async (args, exitCode) => {
  const rig = open({ "profile.list": async () => [] });
  expect(await rig.run(...args)).toBe(exitCode);
  expect(rig.terminal.errLines.length).toBeGreaterThan(0);
  expect(rig.terminal.errLines.join("\n")).not.toContain("canary");
  expect(rig.engine.inputsOf("transfer.upload")).toEqual([]);
});

it.each([
  [["cp", "big.bin"], "USAGE: A source and a destination are needed: cp SRC… DST."],
  [["cp", "--frob", "big.bin", "s3://lab/"], "USAGE: Unknown option '--frob'"],
  [["cp", "big.bin", "oci://x/y"], /^UNSUPPORTED: Addresses with oci:.*bucket\/key\.$/],
  [["ls", "s3:/lab"], /^USAGE: "s3:\/lab" is on this machine/],
])("says of %j in one line what is wrong", async (args, line) => {
  const rig = open();
  await rig.run(...args);
  expect(rig.terminal.errLines).toEqual([
    typeof line === "string" ? line : expect.stringMatching(line),
  ]);
});

it("says who has the home", async () => {
  const rig = open({
    "settings.get": async () => {
      throw new LonghaulError("locked", "taken", {
        details: { holder: "longhaul serve, process 7" },
      });
    },
  });
  expect(await rig.run("limit", "show")).toBe(12);
  expect(rig.terminal.errLines.join("\n")).toContain("longhaul serve, process 7");
});

it("answers help and version on standard output, with success", async () => {
  const rig = open();
  expect([await rig.run("--version"), await rig.run("cp", "--help")]).toEqual([0, 0]);
  expect(rig.terminal.outLines[0]).toMatch(/^\d+\.\d+\.\d+$/);
  expect(rig.sessions).toEqual([]);
});
