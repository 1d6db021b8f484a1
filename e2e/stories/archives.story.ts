import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { packFolder, unpackTar } from "../rig/archives.ts";
import { dropOnWindow } from "../rig/drop.ts";
import { digestTree, makeFile, MIB, sizeOfTree } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import type { Store } from "../rig/store.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import { makeTree } from "../rig/trees.ts";
import type { LonghaulWindow } from "../window/longhaul-window.ts";

test("archives of two kinds are got and unpacked, byte for byte @keyboard", async ({
  win,
  store,
}) => {
  const digests = await putArchives(win, store, ["bert.tar.zst", "gpt.zip"]);
  const { page, hand } = win;
  const dialog = await win.library.unpack("bert.tar.zst");
  await expectAccessible(page, "get and unpack");
  await hand.press(dialog.getByRole("button", { name: "Get and unpack" }));
  await expect(dialog).toBeHidden();
  // The other one by the bar of what is ticked.
  await win.library.tick("gpt.zip");
  await win.library.alsoUnpack();
  await expectAccessible(page, "one archive ticked");
  await win.library.get();
  await win.show("Transfers");
  await win.transfers.says("bert.tar.zst", /Unpacked 30 files into .*bert\./);
  await win.transfers.says("gpt.zip", /Unpacked 30 files into .*gpt\./);
  const downloads = downloadsOf(win);
  expect(await digestTree(join(downloads, "bert"))).toEqual(digests);
  expect(await digestTree(join(downloads, "gpt"))).toEqual(digests);
  // The archives stay, and nothing temporary does.
  const all = ["bert", "bert.tar.zst", "gpt", "gpt.zip"];
  expect((await readdir(downloads)).toSorted()).toEqual(all);
});

test("a folder that holds other files is asked about and left alone, and the answer holds @keyboard", async ({
  win,
  store,
}) => {
  const digests = await putArchives(win, store, ["bert.tar.zst"]);
  const { page, hand } = win;
  const downloads = downloadsOf(win);
  await mkdir(join(downloads, "bert"), { recursive: true });
  await writeFile(join(downloads, "bert", "mine.txt"), "mine");
  const get = async () => {
    const dialog = await win.library.unpack("bert.tar.zst");
    await hand.press(dialog.getByRole("button", { name: "Get and unpack" }));
    await win.show("Transfers");
  };
  await get();
  await win.transfers.says("bert.tar.zst", /bert holds other files\./);
  const details = await win.transfers.details("bert.tar.zst");
  await expect(details).toContainText("The archive itself is here.");
  await expectAccessible(page, "a folder that an archive asks about");
  expect(await readdir(join(downloads, "bert"))).toEqual(["mine.txt"]);

  await win.transfers.press("bert.tar.zst", "Skip unpacking");
  await win.transfers.says("bert.tar.zst", /Not unpacked: .*bert holds other files\./);
  expect(await readdir(downloads)).toEqual(["bert", "bert.tar.zst"]);

  await win.transfers.command("bert.tar.zst", "Take off the list");
  await win.show("Library");
  await get();
  await win.transfers.says("bert.tar.zst", /bert holds other files\./);
  await win.transfers.press("bert.tar.zst", "Replace, keep the old aside");
  await win.transfers.says("bert.tar.zst", /Unpacked 30 files/);
  expect(await digestTree(join(downloads, "bert"))).toEqual(digests);
  const [aside = ""] = (await readdir(downloads)).filter((name) =>
    name.startsWith("bert (before)"),
  );
  expect(await readFile(join(downloads, aside, "mine.txt"), "utf8")).toBe("mine");
});

test("an archive that is damaged is not unpacked, and says so @keyboard", async ({
  win,
  store,
}) => {
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  await mkdir(win.host.folder, { recursive: true });
  const path = join(win.host.folder, "cut.tar.zst");
  await putArchives(win, store, ["whole.tar.zst"], async (whole) => {
    await writeFile(path, (await readFile(whole)).subarray(0, 9_000));
    await reader.putFile("cut.tar.zst", path);
  });
  const dialog = await win.library.unpack("cut.tar.zst");
  await win.hand.press(dialog.getByRole("button", { name: "Get and unpack" }));
  await win.show("Transfers");
  await win.transfers.says("cut.tar.zst", /is not unpacked\./);
  const details = await win.transfers.details("cut.tar.zst");
  await expect(details).toContainText("Nothing of it was put in place");
  await expectAccessible(win.page, "an archive that is damaged");
  expect(await readdir(downloadsOf(win))).toEqual(["cut.tar.zst"]);
});

test("a folder goes up as one .tar.gz, and the system's tar finds every byte @keyboard", async ({
  win,
  store,
}) => {
  const { folder } = win.host;
  await makeTree(join(folder, "corpus"), 40);
  await win.host.addProfile("Lab", store, 4);
  await win.open();
  await win.chooseHostFiles(["corpus"]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET, prefix: "in/" });
  await win.sheet.sendAs(".tar.gz");
  await expect(win.sheet.dialog).toContainText(`s3://${BUCKET}/in/corpus.tar.gz`);
  await expect(win.sheet.dialog).toContainText("it begins anew");
  await expectAccessible(win.page, "a folder as one archive");
  await win.sheet.start();
  await win.transfers.isDone("corpus");
  const out = await fetchUnpacked(win, store, "in/corpus.tar.gz");
  expect(await digestTree(out)).toEqual(await digestTree(join(folder, "corpus")));
});

test("a folder dropped on the window goes up as one .tar.gz, with all that is in it @keyboard", async ({
  win,
  store,
  folder,
}) => {
  const corpus = join(folder, "corpus");
  await makeTree(corpus, 40);
  await mkdir(join(corpus, "void", "inside"), { recursive: true });
  const changedAt = new Date("2020-02-29T12:34:56Z");
  const [dated = ""] = Object.keys(await digestTree(corpus));
  await utimes(join(corpus, dated), changedAt, changedAt);
  await win.host.addProfile("Lab", store, 4);
  await win.open();
  await dropOnWindow(win.page, [corpus]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET, prefix: "in/" });
  await win.sheet.sendAs(".tar.gz");
  await expect(win.sheet.dialog).toContainText(`s3://${BUCKET}/in/corpus.tar.gz`);
  await expect(win.sheet.dialog).toContainText("The files go to the host first");
  await expectAccessible(win.page, "a dropped folder as one archive");
  await win.sheet.start();
  await win.transfers.isDone("corpus");
  const out = await fetchUnpacked(win, store, "in/corpus.tar.gz");
  expect(await digestTree(out)).toEqual(await digestTree(corpus));
  expect(await readdir(join(out, "void", "inside"))).toEqual([]);
  expect((await stat(join(out, dated))).mtime).toEqual(changedAt);
  await expect.poll(() => sizeOfTree(join(win.host.home, "incoming"))).toBe(0);
});

test("a page that leaves while a folder arrives goes on, and one archive comes of it", async ({
  win,
  store,
  folder,
}) => {
  const run = join(folder, "run");
  const spool = join(win.host.home, "incoming");
  await makeTree(run, 12);
  await makeFile(join(run, "checkpoint.pt"), 160 * MIB, 5);
  await win.host.addProfile("Lab", store, 4);
  await win.open();
  await dropOnWindow(win.page, [run]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET, prefix: "" });
  await win.sheet.sendAs(".tar");
  await win.sheet.start();
  await expect.poll(() => sizeOfTree(spool), { intervals: [20] }).toBeGreaterThan(16 * MIB);
  // The window asks before it is left; this one means it.
  win.page.once("dialog", (dialog) => void dialog.accept());
  await win.page.reload();
  await win.ready();
  await win.transfers.says("run", /[Dd]rop (it|them) again to continue/);
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  expect(await reader.keys("")).toEqual([]);
  await dropOnWindow(win.page, [run]);
  await win.transfers.isDone("run");
  const out = await fetchUnpacked(win, store, "run.tar");
  expect(await digestTree(out)).toEqual(await digestTree(run));
  await expect.poll(() => sizeOfTree(spool)).toBe(0);
});

test("a prefix that is kept in sync comes, and is listed until it is stopped @keyboard", async ({
  win,
  store,
}) => {
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  const tree = join(win.host.folder, "source");
  await makeTree(tree, 6);
  for (const name of Object.keys(await digestTree(tree))) {
    await reader.putFile(`nightly/${name}`, join(tree, name));
  }
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  const { page, hand } = win;
  await win.library.openBucket("Lab", BUCKET);
  const dialog = await win.library.follow("nightly");
  await expectAccessible(page, "keep in sync");
  await hand.press(dialog.getByRole("button", { name: "Keep in sync" }));
  await expect(win.library.row("nightly")).toHaveAccessibleName(/kept in sync/);
  await expectAccessible(page, "a prefix that is kept in sync");
  await win.show("Cache");
  await win.transfers.showOnly("In sync 1");
  const line = page.getByRole("list", { name: "Kept in sync" }).getByRole("listitem");
  await expect(line).toContainText("6 files fetched");
  await expect(line).toContainText("Next at");
  expect(await digestTree(join(downloadsOf(win), "nightly"))).toEqual(await digestTree(tree));
  await expectAccessible(page, "what is kept in sync");
  await hand.press(line.getByRole("button", { name: /^Stop/ }));
  await expect(page.getByText("Nothing is kept in sync")).toBeVisible();
});

/** Fetches the only object that there is, and unpacks it with the system's `tar`; answers where. */
async function fetchUnpacked({ host }: LonghaulWindow, store: Store, key: string): Promise<string> {
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  expect(await reader.keys("")).toEqual([key]);
  const archive = join(host.folder, `fetched-${basename(key)}`);
  const out = join(host.folder, "out");
  await mkdir(out, { recursive: true });
  await reader.getFile(key, archive);
  await unpackTar(archive, out);
  return out;
}

function downloadsOf({ host }: LonghaulWindow): string {
  return join(host.folder, "Longhaul");
}

/**
 * Puts archives of one tree into the bucket and opens it; answers the tree's digests. `also` is given
 * the first archive's path.
 */
async function putArchives(
  win: LonghaulWindow,
  store: Store,
  names: readonly string[],
  also: (path: string) => Promise<void> = async () => undefined,
): Promise<Record<string, string>> {
  const { folder } = win.host;
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  const source = join(folder, "source");
  await makeTree(source, 30);
  for (const name of names) {
    await packFolder(source, join(folder, name));
    await reader.putFile(name, join(folder, name));
  }
  await also(join(folder, names[0] ?? ""));
  await win.host.addProfile("Lab", store, 4);
  await win.open();
  await win.library.openBucket("Lab", BUCKET);
  return await digestTree(source);
}
