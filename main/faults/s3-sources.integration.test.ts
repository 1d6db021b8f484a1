import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FaultRuleInput } from "#shared/fault-script.ts";
import { MiB } from "../bytes/sizes.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";
import { hasObject, lab } from "./lab-bucket.ts";

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open({ waits: { stallMs: 700 } });
}, 60_000);

afterAll(async () => {
  await rig.close();
});

const isTraceable = spawnSync("strace", ["-V"]).status === 0;

/** The last part hangs, however often it is tried. */
const HELD: FaultRuleInput = {
  on: { op: "UploadPart", part: 4 },
  times: null,
  fault: { kind: "break", how: "silence", at: "request-end" },
};

it("S39 source of no bytes: goes as one PUT, since an upload in parts cannot be empty", async () => {
  await rig.script();
  const { id, key } = await rig.upload(0);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256Of(Buffer.alloc(0)));
  expect(rig.count({ op: "PutObject" })).toBe(1);
  expect(rig.count({ op: "CreateMultipartUpload" })).toBe(0);
});

it("S39 source with holes: they arrive as the zeros they are", async () => {
  await rig.script();
  const path = join(rig.folder, "holes.bin");
  const file = await open(path, "w");
  for (const at of [0, 9 * MiB]) await file.write(rig.bytes(1000), 0, 1000, at);
  await file.truncate(12 * MiB);
  await file.close();
  const destination = { ...lab, prefix: "up/" };
  const { id } = await rig.client.call("transfer.upload", { sources: [{ path }], destination });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256("up/holes.bin")).toBe(await rig.fileSha256(path));
});

it("S39 source that vanishes under way: fails with its path, and no object appears", async () => {
  await rig.script(HELD);
  const { id, key, path } = await rig.upload(20 * MiB);
  await expect
    .poll(() => rig.count({ op: "UploadPart", status: 200 }), { timeout: 10_000 })
    .toBe(3);
  await rm(path);
  await rig.rules({});
  expect(await rig.rest(id)).toMatchObject({
    state: { phase: "failed", error: { code: "path-missing", details: { path } } },
  });
  expect(await hasObject(rig, key)).toBe(false);
  expect(rig.count({ op: "CompleteMultipartUpload" })).toBe(0);
});

it.skipIf(!isTraceable)(
  "S39 source that cannot be read (EIO): pauses and says so, sends nothing in its place, and goes on when asked",
  async () => {
    await rig.script();
    // So many reads that one of 96 threads does more than one, for strace counts each by itself.
    const { path } = await rig.file(128 * MiB);
    const detach = await failReads(path);
    const destination = { ...lab, prefix: "up/" };
    const { id } = await rig.client.call("transfer.upload", { sources: [{ path }], destination });
    const paused = await rig.rest(id);
    await detach();
    expect(paused).toMatchObject({
      state: {
        phase: "paused",
        cause: "disk",
        error: { code: "disk-failed", details: { cause: "EIO", path } },
      },
    });
    const key = `up/${path.split("/").at(-1)}`;
    expect(await hasObject(rig, key)).toBe(false);
    await rig.client.call("transfer.resume", { id });
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(await rig.storedSha256(key)).toBe(await rig.fileSha256(path));
  },
);

/** Every read of a file by this process fails, but for the first few. @returns the way to end that. */
async function failReads(path: string): Promise<() => Promise<void>> {
  const inject = "inject=pread64:error=EIO:when=2+";
  const args = ["-f", "-q", "-p", String(process.pid), "-P", path, "-e", inject, "-o", "/dev/null"];
  const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
  await expect.poll(isTraced, { timeout: 10_000 }).toBe(true);
  return async () => {
    const ended = once(strace, "exit");
    strace.kill("SIGINT");
    await ended;
  };
}

async function isTraced(): Promise<boolean> {
  return !/^TracerPid:\s+0$/mu.test(await readFile("/proc/self/status", "utf8"));
}
