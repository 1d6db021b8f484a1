import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { digestFile, makeFile, MIB } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import { TinyDisk } from "../rig/tiny-disk.ts";

const NAME = "mixtral-8x7b.gguf";
const SIZE_BYTES = 48 * MIB;

test("the disk fills and the transfer waits, then goes on by itself @keyboard", async ({
  win,
  store,
}) => {
  test.skip(!TinyDisk.canBeMade(), "needs root, to mount a disk of its own");
  const origin = join(win.host.folder, NAME);
  await makeFile(origin, SIZE_BYTES, 11);
  await new Reader(store.endpoint, BUCKET, store.keys).putFile(NAME, origin);
  await win.host.addProfile("Lab", store, 2);
  const disk = new TinyDisk(join(win.host.folder, "models"), 96);
  try {
    await win.open();
    await win.limit("Down", "8MB");
    await win.library.openBucket("Lab", BUCKET);
    await win.library.tick(NAME);
    await win.library.getInto("models");
    await win.show("Transfers");
    await win.transfers.reaches(NAME, 20);
    disk.fill(0);
    await win.transfers.says(NAME, /Not enough space on the disk.* Goes on by itself\./);
    expect(await readdir(disk.folder)).not.toContain(NAME);
    const details = await win.transfers.details(NAME);
    await expect(details).toContainText("Free up space");
    await win.limit("Down", "100MB");
    disk.freeUp();
    await win.transfers.isDone(NAME);
    expect(await digestFile(join(disk.folder, NAME))).toBe(await digestFile(origin));
    expect(await readdir(disk.folder)).toEqual([NAME]);
  } finally {
    await win.quit();
    disk.close();
  }
});
