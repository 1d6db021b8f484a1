import { join } from "node:path";
import type { Page } from "playwright/test";
import { dropOnWindow } from "../rig/drop.ts";
import { digestFile, digestTree, makeFile, MIB, sizeOfTree } from "../rig/files.ts";
import { withPractice } from "../rig/practice.ts";
import { expect, test } from "../rig/story.ts";
import { makeTree } from "../rig/trees.ts";

test("a large file and a folder of 300 dropped on the window arrive in the bucket", async ({
  win,
  folder,
}) => {
  const big = join(folder, "llama-3.1-8b.safetensors");
  const tree = join(folder, "corpus");
  await makeFile(big, 200 * MIB, 1);
  await makeTree(tree, 300);
  await win.open();

  await dropOnWindow(win.page, [big, tree]);
  await expect(win.sheet.dialog.getByText("301 files")).toBeVisible();
  await win.sheet.start();
  await win.transfers.isDone("llama-3.1-8b.safetensors and 1 more");

  await expect.poll(() => sizeOfTree(join(win.host.home, "incoming"))).toBe(0);
  await withPractice(win, async (practice) => {
    expect(await practice.digest("llama-3.1-8b.safetensors")).toBe(await digestFile(big));
    expect(await practice.digests("corpus/")).toEqual(await digestTree(tree));
  });
});

test("a page that leaves in the middle of a drop goes on where it was", async ({ win, folder }) => {
  const file = join(folder, "checkpoint.pt");
  const spool = join(win.host.home, "incoming");
  await makeFile(file, 160 * MIB, 2);
  await win.open();
  await dropOnWindow(win.page, [file]);
  await win.sheet.start();
  await expect.poll(() => sizeOfTree(spool), { intervals: [20] }).toBeGreaterThan(16 * MIB);
  // The window asks before it is left; this one means it.
  win.page.once("dialog", (dialog) => void dialog.accept());
  await win.page.reload();
  await win.ready();
  await win.transfers.says("checkpoint.pt", /[Dd]rop (it|them) again to continue/);
  const arrivedBytes = await sizeOfTree(spool);
  expect(arrivedBytes).toBeLessThan(160 * MIB);

  const offsets = sentOffsets(win.page);
  await dropOnWindow(win.page, [file]);
  await win.transfers.isDone("checkpoint.pt");
  expect(Math.min(...offsets)).toBe(arrivedBytes);
  expect(new Set(offsets).size).toBe(offsets.length);
  await expect.poll(() => sizeOfTree(spool)).toBe(0);
  await withPractice(win, async (practice) => {
    expect(await practice.digest("checkpoint.pt")).toBe(await digestFile(file));
  });
});

/** Where in its file each request with dropped bytes begins, from now on. */
function sentOffsets(page: Page): number[] {
  const offsets: number[] = [];
  page.on("request", (request) => {
    const [, offset] = /\/incoming\/[^?]+\?offset=(\d+)$/.exec(request.url()) ?? [];
    if (offset !== undefined) offsets.push(Number(offset));
  });
  return offsets;
}
