import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { KiB } from "../bytes/sizes.ts";
import { CacheFilesRig } from "../cache/cache-files-rig.ts";
import type { Entry } from "../cache/entry.ts";
import { LocalCopies } from "../cache/local-copies.ts";
import { toFileStamp } from "../disk/file-stamp.ts";
import { FakeRig, variedBytes } from "../parts/fake-rig.ts";
import { fetchOrReach } from "./fetch-or-reach.ts";
import { ORIGIN } from "./run-rig.ts";

const KEY = "models/a.bin";
const UNIT = 128 * KiB;
const BYTES = variedBytes(8 * UNIT);

let parts: FakeRig;
let cache: CacheFilesRig;

beforeEach(() => {
  parts = new FakeRig();
  parts.rangeBytes = UNIT;
  cache = new CacheFilesRig();
});
afterEach(() => {
  cache.close();
  parts.close();
});

/** A copy whose record says that it is as it was left. */
function copyOf(etag: string, bytes: Buffer): Entry {
  const path = join(cache.home, "copy.bin");
  return cache.file(path, bytes, { key: KEY, origin: ORIGIN, etag });
}

async function fetch() {
  const copies = new LocalCopies({
    journal: cache.journal,
    held: cache.held,
    folders: cache.folders,
    clone: async (from, to) => {
      copyFileSync(from, to);
      return true;
    },
    clock: parts.clock,
    makeRoom: async () => true,
    onChange: () => undefined,
  });
  const order = parts.target(KEY);
  const means = { journal: parts.fetchJournal, tools: parts.tools };
  const run = { ports: { copies }, opened: { origin: ORIGIN } };
  const receipt = await fetchOrReach(run, order, means, cache.signal);
  expect(readFileSync(order.path).equals(BYTES)).toBe(true);
  return receipt;
}

function wrong(at: number): Buffer {
  const bytes = Buffer.from(BYTES);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

it("calls no copy damaged whose bytes came twice because the ETag is no MD5 of them", async () => {
  parts.store.isSha256Kept = false;
  parts.store.seed(KEY, BYTES);
  const opaque = `"${"0".repeat(32)}"`;
  const kept = parts.store.objects.get(KEY);
  if (kept !== undefined) {
    parts.store.objects.set(KEY, { ...kept, info: { ...kept.info, etag: opaque } });
  }
  const copy = copyOf(opaque, BYTES);
  expect(await fetch()).toMatchObject({ rung: "size", movedTwiceBytes: BYTES.length });
  expect(cache.journal.find(copy)).toMatchObject({ trouble: null, usedAtMs: parts.clock.wallMs() });
});

it.each([true, false])(
  "calls one damaged whose own bytes are wrong, pieces known: %s",
  async (isKnown) => {
    parts.store.isSha256Kept = isKnown;
    const { etag } = parts.store.seed(KEY, BYTES, isKnown ? UNIT : 0);
    const copy = copyOf(etag, wrong(3 * UNIT));
    const movedTwiceBytes = isKnown ? UNIT : BYTES.length;
    expect(await fetch()).toMatchObject({ movedTwiceBytes });
    expect(cache.journal.find(copy)).toMatchObject({ trouble: "damaged" });
  },
);

it("says nothing of what took the place of the copy meanwhile", async () => {
  const { etag } = parts.store.seed(KEY, BYTES, UNIT);
  const copy = copyOf(etag, wrong(3 * UNIT));
  parts.store.before = (call) => {
    if (!call.startsWith("get")) return;
    writeFileSync(copy.path, "next");
    const stamp = toFileStamp(statSync(copy.path, { bigint: true }));
    cache.journal.put({ ...copy, etag: '"next"', sizeBytes: 4, stamp });
  };
  await fetch();
  expect(cache.journal.find(copy)).toMatchObject({ etag: '"next"', trouble: null });
});
