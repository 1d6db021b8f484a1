import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { digestTree } from "../rig/files.ts";
import { gguf, putFiles, safetensors } from "../rig/model-files.ts";
import { Reader } from "../rig/reader.ts";
import { seedObjects } from "../rig/seed-objects.ts";
import type { LoggedRequest, Store } from "../rig/store.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

const KiB = 1024;
/** What a row of the list may cost. */
const LISTED_BYTES = 64 * KiB;
const DATA = Array.from(
  { length: 50_000 },
  (_, at) => `data/train/${String(at).padStart(6, "0")}.parquet`,
);

const CONFIG = JSON.stringify({
  architectures: ["LlamaForCausalLM"],
  num_hidden_layers: 16,
  max_position_embeddings: 131_072,
});

/** Its header is longer than what the list reads of one. */
const LONG = safetensors(4000);

/** Behind fifty thousand objects in order, where a listing from the beginning is long in coming. */
const MODELS = {
  "models/llama/config.json": CONFIG,
  "models/llama/model-00001-of-00002.safetensors": safetensors(30),
  "models/llama/model-00002-of-00002.safetensors": safetensors(20),
  "models/llama/model.safetensors.index.json": JSON.stringify({
    metadata: { total_size: 50 * 256 },
    weight_map: {},
  }),
  "models/long/model.safetensors": LONG,
  "models/tiny/tiny-Q4_K_M.gguf": gguf(15),
  "models/tiny/tiny-Q8_0.gguf": gguf(7),
  "models/pointer/model.safetensors": "version https://git-lfs.github.com/spec/v1\n",
};

const isList = ({ op }: LoggedRequest) => op?.startsWith("ListObjects") === true;
const isRead = ({ op }: LoggedRequest) => op === "GetObject";
const bytesOf = (requests: readonly LoggedRequest[]) =>
  requests.reduce((sum, { bodyBytesOut }) => sum + bodyBytesOut, 0);

/** What the store was asked since. */
async function since(store: Store) {
  const before = (await store.requests()).length;
  return async () => (await store.requests()).slice(before);
}

test.beforeEach(async ({ folder, store, win }) => {
  seedObjects(join(folder, "second", "store"), BUCKET, DATA);
  await putFiles(new Reader(store.endpoint, BUCKET, store.keys), join(folder, "seed"), MODELS);
  await mkdir(join(win.host.folder, "models"), { recursive: true });
  await win.host.addProfile("Lab", store, 4);
  await win.open();
});

test("models in a bucket of 50,000 objects are shown at once, by what their headers say @keyboard", async ({
  win,
  store,
}) => {
  await win.library.openBucket("Lab", BUCKET);
  const asked = await since(store);
  const startedAtMs = performance.now();
  await win.library.show("Models");
  const { page } = win;
  const first = page
    .getByRole("grid", { name: /^Models in/ })
    .getByRole("checkbox")
    .nth(1);
  await expect(first).toBeVisible();
  const tookMs = performance.now() - startedAtMs;
  const shownAtMs = Date.now();
  const before = (await asked()).filter((request) => isList(request) && request.atMs <= shownAtMs);
  expect(before.length).toBeLessThanOrEqual(8);
  process.stdout.write(`first models of 50,000 objects after ${tookMs.toFixed(0)} ms\n`);
  const llama = win.library.model("llama, 6.40 K, Llama, BF16, safetensors, 4 files");
  await expect(llama).toBeVisible();
  await expect(win.library.model("long, 512 K, BF16, safetensors")).toBeVisible();
  await expect(win.library.model("tiny, 4.10 K, llama, 2 variants")).toBeVisible();
  await expect(page.getByText(/^4 models, /)).toBeVisible();
  // A while longer it looks for more by itself, and never through all of it.
  await expect(page.getByRole("button", { name: "Look further" })).toBeVisible();
  const requests = await asked();
  expect(requests.filter(isList).length).toBeLessThanOrEqual(30);
  const reads = requests.filter(isRead);
  expect(reads.length).toBeGreaterThanOrEqual(5);
  for (const { range, bodyBytesOut } of reads) {
    expect(range).toMatch(/^0-\d+$/);
    expect(bodyBytesOut).toBeLessThanOrEqual(LISTED_BYTES);
  }
  for (const prefix of ["models/llama/", "models/long/", "models/tiny/"]) {
    const theirs = reads.filter(({ key }) => key.startsWith(prefix));
    expect(bytesOf(theirs)).toBeLessThanOrEqual(LISTED_BYTES);
  }
  await expectAccessible(page, "models");
});

test("the detail of a model reads its headers to the end, and getting it fetches its files @keyboard", async ({
  win,
  store,
}) => {
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  await win.library.openBucket("Lab", BUCKET);
  await win.library.show("Models");
  const { page, hand } = win;
  const asked = await since(store);
  const long = win.library.model("long,");
  await expect(long).toContainText("512 K");
  await hand.rowKey("d", long, long.getByRole("button", { name: "long", exact: true }));
  const details = page.getByRole("complementary", { name: "Details of long" });
  await expect(details).toContainText("512,000");
  await expect(details).toContainText("4,000");
  const headBytes = 8 + Number(LONG.readBigUInt64LE());
  const deep = (await asked()).filter(({ key }) => key === "models/long/model.safetensors");
  expect(bytesOf(deep)).toBeLessThanOrEqual(headBytes + LISTED_BYTES);
  await expectAccessible(page, "details of a model");
  await hand.press(details.getByRole("button", { name: "Close the details" }));
  await win.library.tickModel("llama,");
  await win.library.tickModel("long,");
  await win.library.getInto("models");
  await win.show("Transfers");
  await win.transfers.isDone("llama and 1 more");
  const { "models/": _, ...wanted } = await reader.digests("models/");
  const found = await digestTree(join(win.host.folder, "models"));
  const expected = Object.entries(wanted).filter(([key]) => /^(?:llama|long)\//.test(key));
  expect(found).toEqual(Object.fromEntries(expected));
  await win.show("Library");
  await expect(long).toContainText("Here");
  await hand.rowKey("d", long, long.getByRole("button", { name: "long", exact: true }));
  await expect(details).toContainText("Copy on this computer");
  await expect(details.getByRole("button", { name: "Nothing to get" })).toBeDisabled();
});

test("from its details a model is got, whatever is ticked @keyboard", async ({ win, store }) => {
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  await mkdir(join(win.host.folder, "alone"));
  await win.library.openBucket("Lab", BUCKET);
  await win.library.show("Models");
  await win.library.tickModel("llama,");
  await win.library.chooseFolder("alone");
  const long = win.library.model("long,");
  await win.hand.rowKey("d", long, long.getByRole("button", { name: "long", exact: true }));
  const details = win.page.getByRole("complementary", { name: "Details of long" });
  await win.hand.press(details.getByRole("button", { name: /^Get \d/ }));
  await win.show("Transfers");
  await win.transfers.isDone("long");
  const { "models/": _, ...wanted } = await reader.digests("models/");
  const found = await digestTree(join(win.host.folder, "alone"));
  const expected = Object.entries(wanted).filter(([key]) => key.startsWith("long/"));
  expect(found).toEqual(Object.fromEntries(expected));
});

test("a file that is no model says so, and an address that is pasted is gone to", async ({
  win,
}) => {
  await win.library.openBucket("Lab", BUCKET);
  await win.library.show("Models");
  await win.library.goTo(`s3://${BUCKET}/models/pointer/`);
  const pointer = win.library.model("pointer,");
  await expect(pointer).toBeVisible();
  await expect(pointer.getByLabel("Its first bytes are not those of such a file")).toBeVisible();
  await win.library.goTo(`s3://${BUCKET}/data/`);
  await expect(win.page.getByText(/None is among the first [\d,]+ objects/)).toBeVisible();
  await win.hand.press(win.page.getByRole("button", { name: "Show the files" }));
  await win.library.shows(`${BUCKET}/data/`);
});

test("50,000 files are listed a page at a time, as somebody scrolls", async ({ win, store }) => {
  await win.library.openBucket("Lab", BUCKET);
  const asked = await since(store);
  await win.library.goTo(`s3://${BUCKET}/data/train/`);
  await expect(win.library.row("000000.parquet")).toBeVisible();
  expect((await asked()).filter(isList)).toHaveLength(1);
  const { page } = win;
  await page
    .getByRole("grid", { name: /^Objects in/ })
    .getByRole("row")
    .nth(2)
    .focus();
  await page.keyboard.press("End");
  await expect(win.library.row("000999.parquet")).toBeFocused();
  await expect(page.getByText("2,000 shown, there are more")).toBeVisible();
  await page.keyboard.press("End");
  await expect(page.getByText("3,000 shown, there are more")).toBeVisible();
  expect((await asked()).filter(isList)).toHaveLength(3);
});
