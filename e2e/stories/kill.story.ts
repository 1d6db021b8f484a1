import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { dropOnWindow } from "../rig/drop.ts";
import { digestFile, makeFile, MIB, sizeOfTree } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import type { LoggedRequest } from "../rig/store.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

const NAME = "llama-3.1-70b-00001.safetensors";
const PART_BYTES = 16 * MIB;
const CONNECTIONS = 4;

/** The keyboard's turn proves the way there; the size was the mouse's. */
const SIZE_BYTES = { mouse: 500 * MIB, keyboard: 176 * MIB } as const;

/** Slow enough that half of it is seen on the way. */
const RATE = { mouse: "90MB", keyboard: "30MB" } as const;

test("killed at half of an upload from a path, it finishes when started again @keyboard", async ({
  win,
  store,
  hand,
}) => {
  const path = join(win.host.folder, NAME);
  await makeFile(path, SIZE_BYTES[hand], 6);
  await win.host.addProfile("Lab", store, CONNECTIONS);
  await win.open();
  await win.limit("Up", RATE[hand]);
  await win.chooseHostFiles([NAME]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await win.transfers.reaches(NAME, 50);
  await win.killHost();
  await win.openAgain();
  await win.transfers.isDone(NAME);
  expectSentOnce(await store.requests(), SIZE_BYTES[hand]);
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  expect(await reader.digest(NAME)).toBe(await digestFile(path));
});

test("killed at half of the upload of a drop that has arrived, it finishes without the page", async ({
  win,
  store,
  folder,
  hand,
}) => {
  const path = join(folder, NAME);
  const sizeBytes = SIZE_BYTES[hand];
  const spool = join(win.host.home, "incoming");
  await makeFile(path, sizeBytes, 7);
  await win.host.addProfile("Lab", store, CONNECTIONS);
  await win.open();
  await win.limit("Up", "5MB");
  await dropOnWindow(win.page, [path]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await expect.poll(() => sizeOfTree(spool), { timeout: 60_000 }).toBe(sizeBytes);
  await win.limit("Up", RATE[hand]);
  await win.transfers.reaches(NAME, 50);
  await win.killHost();
  await win.openAgain();
  await win.transfers.isDone(NAME);
  expectSentOnce(await store.requests(), sizeBytes);
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  expect(await reader.digest(NAME)).toBe(await digestFile(path));
  await expect.poll(() => sizeOfTree(spool)).toBe(0);
});

test("killed at half of a download, it finishes when started again @keyboard", async ({
  win,
  store,
  hand,
}) => {
  const origin = join(win.host.folder, NAME);
  const target = join(win.host.folder, "models");
  await makeFile(origin, SIZE_BYTES[hand], 8);
  await mkdir(target);
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  await reader.putFile(NAME, origin);
  await win.host.addProfile("Lab", store, CONNECTIONS);
  await win.open();
  await win.limit("Down", RATE[hand]);
  await win.library.openBucket("Lab", BUCKET);
  await win.library.tick(NAME);
  await win.library.getInto("models");
  await win.show("Transfers");
  await win.transfers.reaches(NAME, 50);
  await win.killHost();
  await win.openAgain();
  await win.transfers.isDone(NAME);
  const fetched = (await store.requests()).filter((each) => each.op === "GetObject");
  const bytesOut = fetched.reduce((sum, each) => sum + each.bodyBytesOut, 0);
  expect(bytesOut).toBeLessThanOrEqual(SIZE_BYTES[hand] + CONNECTIONS * PART_BYTES);
  expect(await digestFile(join(target, NAME))).toBe(await digestFile(origin));
});

/** At most one part per connection reached the store twice, counted in requests and in bytes. */
function expectSentOnce(requests: readonly LoggedRequest[], sizeBytes: number): void {
  const parts = requests.filter((each) => each.op === "UploadPart");
  const numbers = new Set(parts.map((each) => each.partNumber));
  expect(numbers.size).toBe(Math.ceil(sizeBytes / PART_BYTES));
  expect(parts.length - numbers.size).toBeLessThanOrEqual(CONNECTIONS);
  const bytesIn = parts.reduce((sum, each) => sum + each.bodyBytesIn, 0);
  expect(bytesIn).toBeLessThanOrEqual(sizeBytes + CONNECTIONS * PART_BYTES);
}
