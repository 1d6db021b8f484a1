import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { digestTree } from "../rig/files.ts";
import { withPractice } from "../rig/practice.ts";
import { expect, test } from "../rig/story.ts";

test("two samples ticked in the Library arrive in a chosen folder @keyboard", async ({ win }) => {
  const target = join(win.host.folder, "models");
  await mkdir(target, { recursive: true });
  await win.open();
  await win.library.openBucket("Practice bucket", "practice");
  await win.library.tick("tiny-model.safetensors");
  await win.library.tick("digits.csv");
  await win.library.getInto("models");
  await win.show("Transfers");
  await win.transfers.isDone("tiny-model.safetensors and 1 more");
  const found = await digestTree(target);
  await withPractice(win, async (practice) => {
    expect(found).toEqual({
      "digits.csv": await practice.digest("digits.csv"),
      "tiny-model.safetensors": await practice.digest("tiny-model.safetensors"),
    });
  });
});
