import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startSandbox } from "./sandbox-process.ts";
import type { SandboxOptions, SandboxProcess } from "./sandbox-process.ts";

const never = new AbortController().signal;

let folder = "";
let running: SandboxProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longhaul-sandbox-"));
});
afterEach(async () => {
  await Promise.all(running.map(async (sandbox) => sandbox.stop()));
  running = [];
  await rm(folder, { recursive: true, force: true, maxRetries: 9 });
});

async function start(more: Partial<SandboxOptions> = {}): Promise<SandboxProcess> {
  const options = { dir: join(folder, "store"), keysFile: join(folder, "keys.json"), buckets: [] };
  const sandbox = await startSandbox({ ...options, ...more }, never);
  running.push(sandbox);
  return sandbox;
}

/** What the kernel shows everyone of a process: its arguments and its environment. */
async function shownOf(pattern: string): Promise<string> {
  const { execFileSync } = await import("node:child_process");
  const pids = execFileSync("pgrep", ["-f", pattern], { encoding: "utf8" }).trim().split("\n");
  const files = pids.flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
  const texts = await Promise.all(
    files.map(async (file) => readFile(file, "utf8").catch(() => "")),
  );
  return texts.join("\n");
}

describe("the sandbox as a process of its own", () => {
  it("says where it listens and which keys it takes, and stops when told, twice", async () => {
    const sandbox = await start({ buckets: ["practice"] });
    expect(sandbox.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const kept: unknown = JSON.parse(await readFile(join(folder, "keys.json"), "utf8"));
    expect(sandbox.credentials).toMatchObject({ ...Object(kept), sessionToken: null });
    const answer = await fetch(`${sandbox.endpoint}/practice`);
    expect(answer.status).toBe(403);
    await sandbox.stop();
    await sandbox.stop();
    await sandbox.exited;
    await expect(fetch(sandbox.endpoint)).rejects.toThrow("fetch failed");
  });

  it("keeps its keys and what it holds over a restart, but not its address", async () => {
    const first = await start({ buckets: ["practice"] });
    await first.stop();
    const second = await start();
    expect(second.credentials).toEqual(first.credentials);
    const { mode } = await stat(join(folder, "keys.json"));
    expect(mode & 0o777).toBe(0o600);
  });

  it.runIf(existsSync("/proc/self/environ"))(
    "gets neither keys nor this process's secrets by argument or environment",
    async () => {
      process.env["LONGHAUL_CANARY"] = "canary-of-the-host";
      const { credentials } = await start();
      const shown = await shownOf(folder);
      delete process.env["LONGHAUL_CANARY"];
      expect(shown).toContain(join(folder, "keys.json"));
      expect(shown).not.toContain(credentials.secretAccessKey);
      expect(shown).not.toContain("canary-of-the-host");
    },
  );

  it("that cannot start says so, with the reason as cause", async () => {
    const failure = start({ buckets: ["no such name!"] });
    await expect(failure).rejects.toMatchObject({
      code: "internal",
      cause: { message: expect.stringContaining("cannot be the name of a bucket") },
    });
  });

  it("that cannot read its keys does not run on", async () => {
    await writeFile(join(folder, "keys.json"), "{}", { mode: 0o600 });
    await expect(start()).rejects.toMatchObject({ code: "internal" });
  });

  it("is not started once canceled", async () => {
    const options = { dir: folder, keysFile: join(folder, "keys.json"), buckets: [] };
    const started = startSandbox(options, AbortSignal.abort());
    await expect(started).rejects.toMatchObject({ name: "AbortError" });
    expect(existsSync(join(folder, "keys.json"))).toBe(false);
  });
});
