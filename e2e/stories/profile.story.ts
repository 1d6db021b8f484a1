import { join } from "node:path";
import { digestFile, makeFile, MIB } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

test("a profile for a second store is added, tested step by step, and used @keyboard", async ({
  win,
  store,
}) => {
  const file = join(win.host.folder, "gemma-2-9b.gguf");
  await makeFile(file, 40 * MIB, 3);
  await win.open();
  const { endpoint, keys } = store;
  await win.editor.add({ name: "Lab", endpoint, bucket: BUCKET, ...keys });
  await win.editor.testWithWriting();
  for (const step of ["Reach", "Clock", "Signature", "List", "Write"]) {
    await win.editor.passed(step);
  }
  await win.editor.save();
  await expect(win.page.getByRole("treeitem", { name: "Lab" })).toBeVisible();

  await win.show("Transfers");
  await win.chooseHostFiles(["gemma-2-9b.gguf"]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET, prefix: "models/" });
  await win.sheet.start();
  await win.transfers.isDone("gemma-2-9b.gguf");
  const reader = new Reader(endpoint, BUCKET, keys);
  expect(await reader.keys("")).toEqual(["models/gemma-2-9b.gguf"]);
  expect(await reader.digest("models/gemma-2-9b.gguf")).toBe(await digestFile(file));
});
