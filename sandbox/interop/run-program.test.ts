import { describe, expect, it } from "vitest";

import { findProgram, runProgram } from "./run-program.ts";

describe("findProgram", () => {
  it("passes over what is missing and what fails", async () => {
    const candidates = ["/no/such/program", "false", process.execPath];
    expect(await findProgram(candidates, ["--version"])).toBe(process.execPath);
    expect(await findProgram(candidates.slice(0, 2), ["--version"])).toBeUndefined();
  });
});

describe("runProgram", () => {
  it("gives exit code and streams, and none of the person's environment", async () => {
    const script = "console.log(JSON.stringify(Object.keys(process.env))); process.exit(3)";
    const finished = await runProgram(process.execPath, ["-e", script], { EXTRA: "1" });
    const names: unknown = JSON.parse(finished.stdout.toString());
    expect([finished.code, finished.stderr]).toEqual([3, ""]);
    expect(names).toEqual(expect.arrayContaining(["PATH", "HOME", "LANG", "EXTRA"]));
    expect(names).toHaveLength(4);
  });
});
