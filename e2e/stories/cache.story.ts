import { open, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { digestFile, makeFile, MIB, sizeOfTree } from "../rig/files.ts";
import { keepCopy } from "../rig/kept-copy.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import type { LonghaulWindow } from "../window/longhaul-window.ts";

const DAY_MS = 86_400_000;

test("a damaged copy is found, and only its bad pieces move @keyboard", async ({ win, store }) => {
  const { page, cache } = win;
  const name = "weights.bin";
  const path = join(win.host.folder, name);
  await makeFile(path, 40 * MIB, 51);
  await touch(path);
  const digest = await digestFile(path);
  await win.host.addProfile("Lab", store, 4);
  await win.open();
  await upload(win, name);

  await win.show("Cache");
  await expect(cache.row(name)).toHaveAccessibleName(
    new RegExp(`^${name}, ${BUCKET}, Lab, your file, 41.9 MB, `),
  );
  await cache.pin(name);
  await cache.command(name, "Verify");
  await cache.ended(/^Verified 1 entry, 41\.9 MB\. All bytes are as they should be\./);
  await expect(cache.row(name)).toHaveAccessibleName(/, verified today, /);
  await expectAccessible(page, "cache");

  await damage(path, [1, 2, 33 * MIB]);
  await cache.command(name, "Verify");
  await cache.ended(/1 damaged/);
  await expect(cache.row(name)).toHaveAccessibleName(/, damaged$/);
  await expectAccessible(page, "cache with damage");

  const before = (await store.requests()).length;
  await cache.command(name, "Repair");
  await cache.ended(/1 repaired\. 25\.2 MB fetched\./);
  const moved = (await store.requests()).slice(before).filter((each) => each.op === "GetObject");
  const movedBytes = moved.reduce((sum, each) => sum + each.bodyBytesOut, 0);
  // The first piece of 16 MiB and the last of 8: nothing of the one between.
  expect(movedBytes).toBe(24 * MIB);
  expect(await digestFile(path)).toBe(digest);
  await expect(cache.row(name)).not.toHaveAccessibleName(/damaged/);

  await cache.command(name, "Forget…");
  const dialog = page.getByRole("dialog", { name: `Forget ${name}?` });
  await expect(dialog).toContainText("stays as it is");
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await expectAccessible(page, "forget dialog");
  await win.hand.press(dialog.getByRole("button", { name: "Forget", exact: true }));
  await expect(page.getByText("Nothing of a bucket is known to be here yet")).toBeVisible();
  expect(await digestFile(path)).toBe(digest);
});

test("freeing deletes exactly what its preview said @keyboard", async ({ win, store }) => {
  const { page, cache } = win;
  const names = ["oldest.bin", "older.bin", "pinned.bin", "newest.bin"];
  await win.host.addProfile("Lab", store, 4);
  for (const [index, name] of names.entries()) {
    await makeFile(join(win.host.folder, name), (2 + index) * MIB, 60 + index);
  }
  await win.open();
  for (const name of names) await upload(win, name);
  await win.quit();
  const copies = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const usedAtMs = Date.now() - (100 - 10 * index) * DAY_MS;
    const file = join(win.host.folder, name);
    copies.set(name, await keepCopy(win.host.home, file, usedAtMs));
    await rm(file);
  }
  await win.openAgain();

  await win.show("Cache");
  await expect(page.getByText("14.7 MB", { exact: false }).first()).toBeVisible();
  const pinned = page.getByRole("row", { name: /^pinned\.bin, .*kept by Longhaul/ });
  await win.hand.rowKey("p", pinned, pinned.getByRole("button", { name: /^Pin / }));
  await expect(pinned).toHaveAccessibleName(/, pinned/);

  const sheet = await cache.freeUp();
  await expect(sheet.getByRole("button", { name: "Cancel" })).toBeFocused();
  await win.hand.write(sheet.getByRole("textbox", { name: "Another amount" }), "3MiB");
  await page.keyboard.press("Enter");
  const list = sheet.getByRole("grid", { name: "What would be deleted" });
  await expect(list.locator('[role="row"][aria-label]')).toHaveCount(2);
  await expect(list.getByRole("row", { name: /^oldest\.bin, / })).toBeVisible();
  await expect(list.getByRole("row", { name: /^older\.bin, / })).toBeVisible();
  await expectAccessible(page, "free up sheet");
  const folder = join(win.host.home, "cache");
  const before = await sizeOfTree(folder);
  await win.hand.press(sheet.getByRole("button", { name: "Free 5,242,880 bytes" }));
  await expect(sheet).toBeHidden();
  expect(before - (await sizeOfTree(folder))).toBe(5 * MIB);
  const left = ["pinned.bin", "newest.bin"].map((name) => stat(copies.get(name) ?? ""));
  expect((await Promise.all(left)).map(({ size }) => size)).toEqual([4 * MIB, 5 * MIB]);
});

test("cache folders have their limits in Settings, and the unfinished a tab @keyboard", async ({
  win,
}) => {
  const { page } = win;
  await makeFile(join(win.host.folder, "second", "note.txt"), 10, 70);
  await win.open();
  await win.openSettings("Storage");
  await win.hand.press(page.getByRole("button", { name: "Add a folder…" }));
  await win.folders.enter("second");
  await win.folders.choose();
  const limit = page.getByRole("textbox", { name: /^At most kept in .*second/ });
  await win.hand.write(limit, "2 GiB");
  await page.keyboard.press("Enter");
  await expect(limit).toHaveValue("2 GiB");
  await expectAccessible(page, "settings, Storage with a second cache folder");

  await win.show("Cache");
  await expect(page.getByRole("region", { name: /second$/ })).toContainText("at most 2.1 GB");
  await win.transfers.showOnly("Unfinished");
  await expect(page.getByText("Nothing is unfinished.")).toBeVisible();
  await expectAccessible(page, "cache, unfinished");
});

async function upload(win: LonghaulWindow, name: string): Promise<void> {
  if (!(await win.page.getByRole("heading", { level: 1, name: "Transfers" }).isVisible())) {
    await win.show("Transfers");
  }
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await win.transfers.isDone(name);
}

/** To the whole second, so that it can be given again exactly. */
async function touch(path: string): Promise<void> {
  await utimes(path, 1_700_000_000, 1_700_000_000);
}

/** Below the file's own times, as a failing disk does it. */
async function damage(path: string, places: readonly number[]): Promise<void> {
  const file = await open(path, "r+");
  try {
    for (const place of places) {
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, place);
      await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0xff]), 0, 1, place);
    }
  } finally {
    await file.close();
  }
  await touch(path);
}
