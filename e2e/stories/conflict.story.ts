import { join } from "node:path";
import { digestFile, digestTree, makeFile } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import { makeTree } from "../rig/trees.ts";
import type { LonghaulWindow } from "../window/longhaul-window.ts";

test("other content is asked about in the row, the rest goes on meanwhile, the answer holds @keyboard", async ({
  win,
  store,
}) => {
  const corpus = join(win.host.folder, "corpus");
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  await makeTree(corpus, 12);
  const names = Object.keys(await digestTree(corpus));
  const [taken = ""] = names;
  const path = join(corpus, taken);
  await makeFile(path, 5_000, 41);
  await reader.putFile(`corpus/${taken}`, path);
  await makeFile(path, 5_000, 42);
  await makeFile(join(win.host.folder, "notes.bin"), 5_000, 43);
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  await upload(win, "corpus");
  await win.transfers.says("corpus", /1 file is in the bucket already, and differs/);
  const replace = win.transfers.row("corpus").getByRole("button", { name: /^Replace/ });
  await expect(replace).toBeVisible();
  await expect(win.page.getByRole("dialog")).toHaveCount(0);
  // Neither the other files of the folder nor another transfer wait for the answer.
  await expect.poll(async () => (await reader.keys("corpus/")).length).toBe(names.length);
  await upload(win, "notes.bin");
  await win.transfers.isDone("notes.bin");
  expect(await reader.digest(`corpus/${taken}`)).not.toBe(await digestFile(path));

  await win.transfers.press("corpus", "Replace");
  await win.transfers.isDone("corpus");
  expect(await reader.digests("corpus/")).toEqual(await digestTree(corpus));
});

test("what a conflict keeps stays as it was, and both are there if both are wanted @keyboard", async ({
  win,
  store,
}) => {
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  const digests: Record<string, { readonly old: string; readonly new: string }> = {};
  for (const [index, name] of ["skipped.json", "both.json"].entries()) {
    const path = join(win.host.folder, name);
    await makeFile(path, 5_000, 50 + index);
    await reader.putFile(name, path);
    const old = await digestFile(path);
    await makeFile(path, 5_000, 60 + index);
    digests[name] = { old, new: await digestFile(path) };
  }
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  await upload(win, "skipped.json");
  await win.transfers.press("skipped.json", "Skip");
  await win.transfers.isDone("skipped.json");
  await upload(win, "both.json");
  await win.transfers.press("both.json", "Keep both");
  await win.transfers.isDone("both.json");
  const keys = await reader.keys("");
  expect(keys).toHaveLength(3);
  const beside = keys.find((key) => !(key in digests)) ?? "";
  expect(await reader.digest("skipped.json")).toBe(digests["skipped.json"]?.old);
  expect(await reader.digest("both.json")).toBe(digests["both.json"]?.old);
  expect(await reader.digest(beside)).toBe(digests["both.json"]?.new);
});

async function upload(win: LonghaulWindow, name: string): Promise<void> {
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
}
