import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { BlockPool } from "./block-pool.ts";
import { KeptBodies, LARGEST_KEPT_BYTES } from "./kept-bodies.ts";
import { readUnchanged } from "./source-file.ts";

const never = new AbortController().signal;
const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let folder: string;
let blocks: BlockPool;
let bodies: KeptBodies;
/** Blocks that are out. */
let outCount: () => number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longhaul-kept-"));
  blocks = new BlockPool();
  bodies = new KeptBodies(blocks);
  const [take, giveBack] = [vi.spyOn(blocks, "take"), vi.spyOn(blocks, "giveBack")];
  outCount = () => take.mock.calls.length - giveBack.mock.calls.length;
});
afterEach(() => rm(folder, { recursive: true }));

async function create(bytes: Uint8Array): Promise<string> {
  const path = join(folder, "file");
  await writeFile(path, bytes);
  return path;
}

it("keeps the bytes of a range, in blocks, with their digest", async () => {
  const bytes = randomBytes(2 * MiB + 500);
  const path = await create(bytes);
  const { sha256, stamp } = await bodies.load(
    1,
    { path, start: 100, end: bytes.length },
    null,
    never,
  );
  expect(sha256).toBe(digestOf(bytes.subarray(100)));
  expect(stamp.size).toBe(String(bytes.length));
  const kept = await bodies.use(1, async (held) => Buffer.concat(held));
  expect(digestOf(kept)).toBe(sha256);
  bodies.release(1);
  expect(outCount()).toBe(0);
});

it("keeps nothing of a body that is too long, and knows its digest all the same", async () => {
  const path = await create(new Uint8Array());
  await truncate(path, LARGEST_KEPT_BYTES + 1);
  const range = { path, start: 0, end: LARGEST_KEPT_BYTES + 1 };
  const { sha256 } = await bodies.load(1, range, null, never);
  expect(sha256).toBe(digestOf(Buffer.alloc(LARGEST_KEPT_BYTES + 1)));
  expect(outCount()).toBe(0);
  await expect(bodies.use(1, async () => undefined)).rejects.toThrow("released before it was sent");
});

it("leaves the memory of a released body alone while it is being sent", async () => {
  const bytes = randomBytes(MiB);
  const path = await create(bytes);
  await bodies.load(1, { path, start: 0, end: MiB }, null, never);
  const sent = Promise.withResolvers<void>();
  const sending = bodies.use(1, async (held) => {
    await sent.promise;
    return digestOf(Buffer.concat(held));
  });
  bodies.release(1);
  expect(outCount()).toBe(1);
  await bodies.load(2, { path, start: 0, end: MiB }, null, never);
  sent.resolve();
  expect(await sending).toBe(digestOf(bytes));
  expect(outCount()).toBe(1);
  bodies.release(2);
  bodies.release(2);
  expect(outCount()).toBe(0);
});

it("gives everything back when a load is canceled or fails", async () => {
  const path = await create(randomBytes(4 * MiB));
  const canceling = new AbortController();
  const loading = bodies.load(1, { path, start: 0, end: 4 * MiB }, null, canceling.signal);
  canceling.abort();
  await expect(loading).rejects.toMatchObject({ name: "AbortError" });
  expect(outCount()).toBe(0);
  const short = bodies.load(2, { path, start: 0, end: 4 * MiB + 1 }, null, never);
  await expect(short).rejects.toMatchObject({ code: "source-changed" });
  expect(outCount()).toBe(0);
});

it("S38 finds that a file grew while it was read", async () => {
  const path = await create(randomBytes(100));
  const reading = readUnchanged({ path, start: 0, end: 100 }, null, () => appendFile(path, "more"));
  await expect(reading).rejects.toMatchObject({ code: "source-changed", details: { path } });
});

it("S38 finds that a file was cut while it was read", async () => {
  const path = await create(randomBytes(3 * MiB));
  const canceling = new AbortController();
  const reading = readUnchanged({ path, start: 0, end: 3 * MiB }, null, async () => {
    await truncate(path, MiB);
    await bodies.load(1, { path, start: 0, end: MiB }, null, canceling.signal);
  });
  await expect(reading).rejects.toMatchObject({ code: "source-changed" });
  bodies.release(1);
});
