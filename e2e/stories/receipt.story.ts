import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { digestFile, makeFile, MIB } from "../rig/files.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

test("a receipt says what was proven, and that a store without conditions is not atomic @keyboard", async ({
  win,
  store,
}) => {
  const name = "adapter.safetensors";
  const path = join(win.host.folder, name);
  await makeFile(path, 9 * MIB, 15);
  await store.faults({ quirks: { noConditions: true } });
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await win.transfers.isDone(name);
  const details = await win.transfers.details(name);
  await expect(details).toContainText("9,437,184 bytes");
  await expect(details).toContainText(await digestFile(path));
  await expect(details).toContainText("not atomic: this store keeps no conditions of writes");
  await expectAccessible(win.page, "receipt with a note");
});
