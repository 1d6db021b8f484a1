import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { digestFile, digestTree, makeFile } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

const NAME = "weights.bin";

test("earlier versions of an object are listed, and one of them is got @keyboard", async ({
  win,
  store,
}) => {
  const { folder } = win.host;
  const path = join(folder, NAME);
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  await reader.keepVersions();
  await mkdir(join(folder, "models"), { recursive: true });
  const digests: string[] = [];
  for (const sizeBytes of [3_000, 4_000, 5_000]) {
    await makeFile(path, sizeBytes, sizeBytes);
    await reader.putFile(NAME, path);
    digests.push(await digestFile(path));
  }
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  const { page, hand } = win;
  await win.library.openBucket("Lab", BUCKET);
  await win.library.tick(NAME);
  await win.library.chooseFolder("models");
  const versions = await win.library.versions(NAME);
  await expect(versions).toHaveCount(3);
  await expect(versions.first()).toContainText("newest");
  await expectAccessible(page, "versions of an object");

  const second = versions.filter({ hasText: "4 kB" });
  await hand.press(second.getByRole("button", { name: /^Get the version of .*, 4 kB$/ }));
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await win.show("Transfers");
  await win.transfers.isDone(NAME);
  expect(Object.values(await digestTree(join(folder, "models")))).toEqual([digests[1]]);
});
