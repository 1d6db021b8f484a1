import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockHome, readLockHolder } from "./home-lock.ts";

const CHILD = fileURLToPath(new URL("./home-lock-child.ts", import.meta.url));
const me = { pid: process.pid, program: "longhaul cp", sinceMs: 5 };

let home: string;
let children: ChildProcess[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "longhaul-home-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(home, { recursive: true });
});

async function lockElsewhere(program: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CHILD, home, program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  await once(child.stdout, "data");
  return child;
}

describe("lockHome", () => {
  it("keeps a second process out and says who is in", async () => {
    const child = await lockElsewhere("longhaul serve");
    expect(() => lockHome(home, me)).toThrow(
      expect.objectContaining({
        code: "locked",
        details: { path: home, holder: `longhaul serve, process ${child.pid}` },
      }),
    );
    expect(readLockHolder(home)).toMatchObject({ pid: child.pid, sinceMs: 1_700_000_000_000 });
  });

  it("is free again the moment its process is killed, whatever that left lying there", async () => {
    const child = await lockElsewhere("longhaul serve");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(readLockHolder(home)).not.toBeNull();
    const lock = lockHome(home, me);
    expect(readLockHolder(home)).toEqual(me);
    lock.release();
  });

  it("lets nobody in twice, in one process either, until it is released", () => {
    const first = lockHome(home, me);
    expect(() => lockHome(home, me)).toThrow(expect.objectContaining({ code: "locked" }));
    first.release();
    first.release();
    lockHome(home, me).release();
    expect(readLockHolder(home)).toBeNull();
  });

  it("does not need to know who holds it", async () => {
    await lockElsewhere("longhaul serve");
    await writeFile(join(home, "lock.json"), "{");
    expect(() => lockHome(home, me)).toThrow(
      expect.objectContaining({ code: "locked", details: { path: home } }),
    );
  });

  it("says so when there is no home to lock", () => {
    expect(() => lockHome(join(home, "absent"), me)).toThrow(
      expect.objectContaining({ code: "disk-failed" }),
    );
  });
});
