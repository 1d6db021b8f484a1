import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { CallHandlers, ProfileTestStep } from "#shared/contract.ts";
import { Profile } from "#shared/profile.ts";
import { openProgram } from "../program-rig.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lab = Profile.parse({
  id: "lab",
  name: "Lab",
  preset: "custom",
  endpoint: { kind: "url", url: "https://s3.lab.example" },
  region: "us-east-1",
  addressing: "path",
  bucket: null,
  credentials: { kind: "anonymous" },
  partSizeBytes: null,
  connections: null,
});

function calls(step: Partial<ProfileTestStep>): Partial<CallHandlers> {
  const base = { step: "clock", outcome: "passed", found: "2 s apart", error: null, tookMs: 1 };
  return {
    "transfer.unfinished": async () => [],
    "profile.list": async () => [{ profile: lab, problem: null }],
    "profile.test": async () => [{ ...base, ...step } as ProfileTestStep],
  };
}

it("says a line for each thing it looked at, and ends with 0 when all is well", async () => {
  const program = openProgram(folder, calls({}));
  expect(await program.run("doctor")).toBe(0);
  const lines = program.terminal.outLines;
  expect(lines.every((line) => line.startsWith("ok"))).toBe(true);
  expect(lines.at(-1)).toContain("reachable; clock: 2 s apart");
});

it("ends with 1 and says why when an endpoint is not reached", async () => {
  const error = { code: "unreachable", message: "no", details: {} } as const;
  const program = openProgram(folder, calls({ step: "reach", outcome: "failed", error }));
  expect(await program.run("doctor", "--json")).toBe(1);
  const last: unknown = JSON.parse(program.terminal.outLines.at(-1) ?? "");
  expect(last).toMatchObject({ type: "check", name: "profile Lab", outcome: "failed" });
});
