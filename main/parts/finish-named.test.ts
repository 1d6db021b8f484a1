import { existsSync, linkSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { KiB } from "../bytes/sizes.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";
import { fetchItem } from "./fetch-item.ts";
import { finishNamed } from "./finish-named.ts";
import type { FetchItem } from "./ports.ts";

const KEY = "models/a.bin";
const UNIT = 128 * KiB;
const SIZE = 2 * UNIT + 123;
const bytes = variedBytes(SIZE);

let rig: FakeRig;
beforeEach(() => {
  rig = new FakeRig();
  rig.rangeBytes = UNIT;
});
afterEach(() => {
  rig.close();
});

const gets = (): string[] => rig.store.calls.filter((call) => call.startsWith("get "));

/** A file with its final name, of which the journal has only the last save. */
async function named(): Promise<FetchItem> {
  const item = rig.target(KEY);
  await fetchItem(item, rig.fetchJournal, rig.tools, rig.controller.signal);
  rig.store.calls.length = 0;
  return { ...item, resume: rig.fetchResume };
}

async function finish(item: FetchItem) {
  if (item.resume === null) throw new Error("nothing journaled");
  const { receipt } = await finishNamed(item, item.resume, rig.tools, rig.controller.signal);
  return receipt;
}

const edited = () => Buffer.concat([bytes.subarray(0, SIZE - 1), Buffer.from("!")]);

it.each([
  ["pieces", UNIT, true],
  ["one piece", 0, true],
  ["an MD5", 0, false],
])("proves it by %s and asks for none of it", async (_, partBytes, isSha256Kept) => {
  rig.store.isSha256Kept = isSha256Kept;
  rig.store.seed(KEY, bytes, partBytes);
  const rung = isSha256Kept ? "part-sha256" : "md5-etag";
  expect(await finish(await named())).toMatchObject({ rung, sizeBytes: SIZE, movedTwiceBytes: 0 });
  expect(gets()).toEqual([]);
});

it("compares it with the object's bytes where there is no digest", async () => {
  rig.store.isSha256Kept = false;
  rig.store.isEtagOpaque = true;
  rig.store.seed(KEY, bytes);
  const item = await named();
  expect(await finish(item)).toMatchObject({ rung: "size", movedTwiceBytes: 0 });
  writeFileSync(item.path, edited());
  expect(await finish(item)).toBeNull();
  expect(readFileSync(item.path).equals(edited())).toBe(true);
});

it.each([[UNIT], [0]])("leaves it as it is where somebody wrote to it since", async (partBytes) => {
  rig.store.seed(KEY, bytes, partBytes);
  const item = await named();
  writeFileSync(item.path, edited());
  expect(await finish(item)).toBeNull();
  expect(readFileSync(item.path).equals(edited())).toBe(true);
});

it("takes no file of another version for it", async () => {
  rig.store.seed(KEY, bytes);
  const item = await named();
  expect(await finish({ ...item, object: rig.store.seed(KEY, edited()) })).toBeNull();
});

it("D7 kill between giving the final name and taking the other: keeps the file, loses the name", async () => {
  rig.store.seed(KEY, bytes, UNIT);
  const item = await named();
  const part = item.resume?.part.path ?? "";
  linkSync(item.path, part);
  expect(await finish(item)).toMatchObject({ rung: "part-sha256" });
  expect(existsSync(part)).toBe(false);
  expect(readFileSync(item.path).equals(bytes)).toBe(true);
});
