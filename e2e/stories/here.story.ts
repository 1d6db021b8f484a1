import { mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { formatBytes } from "#shared/format.ts";
import { expectAccessible } from "../rig/accessible.ts";
import { digestTree } from "../rig/files.ts";
import { gguf, putFiles, safetensors } from "../rig/model-files.ts";
import { Reader } from "../rig/reader.ts";
import type { LoggedRequest, Store } from "../rig/store.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import { TinyDisk } from "../rig/tiny-disk.ts";
import type { LonghaulWindow } from "../window/longhaul-window.ts";

/** What a row of the list may cost. */
const LISTED_BYTES = 64 * 1024;
const CONFIG = JSON.stringify({ architectures: ["LlamaForCausalLM"], num_hidden_layers: 16 });
const CHANGED = "models/llama/model-00002-of-00002.safetensors";

const LLAMA = {
  "models/llama/config.json": CONFIG,
  "models/llama/model-00001-of-00002.safetensors": safetensors(30, 64_000),
  [CHANGED]: safetensors(20, 64_000),
  "models/llama/tokenizer.json": "t".repeat(300_000),
};
const NEWER = { [CHANGED]: safetensors(24, 64_000) };
const MISTRAL = {
  "models/mistral/config.json": CONFIG,
  "models/mistral/model.safetensors": safetensors(10, 50_000),
};
const TINY = {
  "models/tiny/tiny-Q4_K_M.gguf": gguf(15),
  "models/tiny/tiny-Q8_0.gguf": gguf(7),
  "models/tiny/README.md": "# Tiny\n".repeat(2000),
};
const OTHER = { "models/other/model.safetensors": safetensors(5) };

type Files = Readonly<Record<string, Buffer | string>>;

function sizeOf(...models: readonly Files[]): number {
  return models
    .flatMap((files) => Object.values(files))
    .reduce((sum: number, { length }) => sum + length, 0);
}

function bytes(count: number): string {
  return formatBytes(count, "decimal");
}

/** What the bar says of these models, some of them here. */
async function barSays(win: LonghaulWindow, hereBytes: number, fetchBytes: number) {
  const { bar } = win.library;
  await expect(bar).toContainText(`3 ticked, ${bytes(hereBytes + fetchBytes)}`);
  await expect(bar).toContainText(`${bytes(hereBytes)} here`);
  await expect(bar).toContainText(`${bytes(fetchBytes)} from ${BUCKET}`);
  await expect(bar.getByRole("button", { name: /^Get/ })).toContainText(`Get ${bytes(fetchBytes)}`);
}

/** What a disk of the story's own has for it, and has left when so many bytes came. */
async function spaceSays(win: LonghaulWindow, folder: string, fetchBytes: number) {
  const { bavail, blocks, bsize } = await statfs(folder);
  const usable = bavail * bsize - Math.floor((blocks * bsize) / 10);
  await expect(win.library.bar).toContainText(
    `${bytes(usable)} can be used, ${bytes(usable - fetchBytes)} after`,
  );
}

async function tickAll(win: LonghaulWindow) {
  for (const model of ["llama,", "mistral,", "tiny,"]) await win.library.tickModel(model);
}

/** Whatever it says of the model before. */
async function isSaid(win: LonghaulWindow, model: string, words: string) {
  await expect(win.library.model(`${model},.*, ${words}`)).toBeVisible();
}

/** Bytes of these requests' answers. */
function bytesOf(requests: readonly LoggedRequest[]): number {
  return requests.reduce((sum, { bodyBytesOut }) => sum + bodyBytesOut, 0);
}

const isRead = ({ op }: LoggedRequest) => op === "GetObject";

type Scene = { readonly win: LonghaulWindow; readonly disk: TinyDisk | null };

/** One model, then all three: of the one nothing moves again. */
async function getThree({ win, disk }: Scene): Promise<void> {
  for (const model of ["llama", "mistral", "tiny", "other"]) await isSaid(win, model, "not here$");
  await win.library.tickModel("tiny,");
  await win.library.chooseFolder("models");
  await win.library.get();
  await isSaid(win, "tiny", "here$");

  await tickAll(win);
  const fetchBytes = sizeOf(LLAMA, MISTRAL);
  await barSays(win, sizeOf(TINY), fetchBytes);
  if (disk !== null) await spaceSays(win, disk.folder, fetchBytes);
  await expectAccessible(win.page, "models, partly here");
  await win.library.get();
  for (const model of ["llama", "mistral", "tiny"]) await isSaid(win, model, "here$");
  await isSaid(win, "other", "not here$");
}

/** One object became another behind the program's back: the list says so, and that one moves. */
async function getNewer({ win, disk }: Scene, store: Store): Promise<void> {
  const before = (await store.requests()).length;
  await win.library.listAgain();
  await isSaid(win, "llama", "newer upstream$");
  await isSaid(win, "mistral", "here$");
  await win.library.showOnly("Newer upstream 1");
  await expect(win.library.model("mistral,")).toBeHidden();
  await isSaid(win, "llama", "newer upstream$");
  await win.library.showOnly("All 4");

  await tickAll(win);
  const fetchBytes = sizeOf(NEWER);
  await barSays(win, sizeOf({ ...LLAMA, [CHANGED]: "" }, MISTRAL, TINY), fetchBytes);
  if (disk !== null) await spaceSays(win, disk.folder, fetchBytes);
  await expectAccessible(win.page, "models, newer upstream");
  const asked = (await store.requests()).length;
  await win.library.get();
  for (const model of ["llama", "mistral", "tiny"]) await isSaid(win, model, "here$");

  const requests = await store.requests();
  const looked = requests.slice(before, asked).filter(isRead);
  const moved = requests.slice(asked).filter(isRead);
  expect([...looked, ...moved].filter(({ key }) => key !== CHANGED)).toEqual([]);
  expect(bytesOf(moved)).toBe(fetchBytes);
  // The list read its header once more.
  expect(bytesOf(looked)).toBeLessThanOrEqual(LISTED_BYTES);
}

test("three models are got, and of a newer one only what changed @keyboard", async ({
  folder,
  win,
  store,
}) => {
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  const put = (files: Files) => putFiles(reader, join(folder, "seed"), files);
  await put({ ...LLAMA, ...MISTRAL, ...TINY, ...OTHER });
  const target = join(win.host.folder, "models");
  await mkdir(target, { recursive: true });
  const disk = TinyDisk.canBeMade() ? new TinyDisk(target, 64) : null;
  try {
    await win.host.addProfile("Lab", store, 4);
    await win.open();
    await win.library.openBucket("Lab", BUCKET);
    await win.library.show("Models");
    await getThree({ win, disk });
    await put(NEWER);
    await getNewer({ win, disk }, store);
    const wanted = Object.entries(await reader.digests("models/"));
    expect(await digestTree(target)).toEqual(
      Object.fromEntries(wanted.filter(([key]) => !key.startsWith("other/"))),
    );
    await win.library.show("Files");
    await win.library.goTo(`s3://${BUCKET}/models/llama/`);
    await expect(win.library.row("tokenizer.json")).toHaveAccessibleName(/, here$/);
  } finally {
    await win.quit();
    disk?.close();
  }
});
