import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { digestFile, makeFile, MIB } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

test("what canceled uploads kept is listed, resumed and removed @keyboard", async ({
  win,
  store,
}) => {
  const names = ["optimizer.pt", "weights.pt"];
  for (const [index, name] of names.entries()) {
    await makeFile(join(win.host.folder, name), 96 * MIB, 20 + index);
  }
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  await win.limit("Up", "20MB");
  for (const name of names) {
    await win.chooseHostFiles([name]);
    await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
    await win.sheet.start();
    await win.transfers.reaches(name, 20);
    await win.transfers.command(name, "Cancel…");
    await win.hand.press(win.page.getByRole("button", { name: "Cancel transfer" }));
    await expect(win.transfers.row(name)).toBeHidden();
    // Keys are the dialog's until it has gone.
    await expect(win.page.getByRole("dialog")).toHaveCount(0);
  }

  await win.transfers.showOnly("Unfinished");
  const list = win.page.getByRole("list", { name: "In buckets" });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await expect(list).toContainText(`${BUCKET}/optimizer.pt`);
  await expectAccessible(win.page, "unfinished");

  await win.hand.press(list.getByRole("button", { name: "Remove optimizer.pt" }));
  const dialog = win.page.getByRole("dialog", { name: "Remove what optimizer.pt has left?" });
  await expect(dialog.getByRole("button", { name: "Keep it" })).toBeFocused();
  await win.hand.press(dialog.getByRole("button", { name: "Remove", exact: true }));
  await expect(list.getByRole("listitem")).toHaveCount(1);
  const aborted = (await store.requests()).filter((each) => each.op === "AbortMultipartUpload");
  expect(aborted.map((each) => each.key)).toEqual(["optimizer.pt"]);

  await win.hand.press(list.getByRole("button", { name: "Resume weights.pt" }));
  await win.transfers.showOnly("All");
  await win.transfers.isDone("weights.pt");
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  expect(await reader.keys("")).toEqual(["weights.pt"]);
  expect(await reader.digest("weights.pt")).toBe(
    await digestFile(join(win.host.folder, "weights.pt")),
  );
});
