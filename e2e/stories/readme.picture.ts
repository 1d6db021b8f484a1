import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFile, MIB } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import type { LonghaulWindow } from "../window/longhaul-window.ts";

const PICTURE = fileURLToPath(new URL("../../docs/screenshot.png", import.meta.url));

test.use({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" });

test("the README's picture shows real transfers", async ({ win, store }) => {
  test.setTimeout(300_000);
  const { folder } = win.host;
  const { page } = win;
  for (const part of [1, 2, 3, 4]) {
    const name = `model-0000${part}-of-00004.safetensors`;
    await makeFile(join(folder, "llama-3.1-8b", name), 220 * MIB, part);
  }
  await makeFile(join(folder, "llama-3.1-8b", "tokenizer.json"), 9 * MIB, 5);
  await makeFile(join(folder, "gemma-2-9b-it-Q5_K_M.gguf"), 160 * MIB, 6);
  await makeFile(join(folder, "imagenet-1k-val.tar"), 640 * MIB, 7);
  await makeFile(join(folder, "laion-shard-00017.tar"), 720 * MIB, 10);
  await makeFile(join(folder, "qwen-2.5-14b-Q4_K_M.gguf"), 380 * MIB, 11);
  await makeFile(join(folder, "checkpoint-41000.pt"), 200 * MIB, 8);
  await makeFile(join(folder, "origin.bin"), 420 * MIB, 9);
  await mkdir(join(folder, "Models"));
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  await reader.putFile("mistral/mistral-7b-v0.3.safetensors", join(folder, "origin.bin"));
  await win.host.addProfile("research", store, 8);
  await win.open();
  await upload(win, "gemma-2-9b-it-Q5_K_M.gguf", "models/gemma/");
  await win.transfers.isDone("gemma-2-9b-it-Q5_K_M.gguf");
  await win.limit("Up", "60MB");
  await win.limit("Down", "9MB");
  await upload(win, "checkpoint-41000.pt", "runs/41000/");
  await win.transfers.reaches("checkpoint-41000.pt", 30);
  await win.transfers.press("checkpoint-41000.pt", "Pause");
  await upload(win, "llama-3.1-8b", "models/");
  await win.show("Library");
  await win.library.openBucket("research", BUCKET);
  await win.library.openPrefix("mistral");
  await win.library.tick("mistral-7b-v0.3.safetensors");
  await win.library.getInto("Models");
  await win.show("Transfers");
  await upload(win, "imagenet-1k-val.tar", "datasets/");
  await upload(win, "laion-shard-00017.tar", "datasets/laion/");
  await upload(win, "qwen-2.5-14b-Q4_K_M.gguf", "models/qwen/");
  await win.transfers.reaches("llama-3.1-8b", 35);
  await win.transfers.details("llama-3.1-8b");
  await expect(page.getByRole("img", { name: /^Speed over/ })).toBeVisible();
  await page.mouse.move(600, 700);
  await page.screenshot({ path: PICTURE });
});

async function upload(win: LonghaulWindow, name: string, prefix: string): Promise<void> {
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "research", bucket: BUCKET, prefix });
  await win.sheet.start();
}
