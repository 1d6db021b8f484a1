import { join } from "node:path";
import { digestFile, makeFile, MIB } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

test("a running transfer is paused, resumed and canceled @keyboard", async ({ win, store }) => {
  const name = "mistral-7b.gguf";
  await makeFile(join(win.host.folder, name), 96 * MIB, 4);
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  await win.limit("Up", "10MB");
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();

  await win.transfers.reaches(name, 10);
  await win.transfers.press(name, "Pause");
  await win.transfers.says(name, /Paused by you/);
  const restingAt = await win.transfers.percent(name);
  await win.transfers.press(name, "Resume");
  await win.transfers.says(name, /MB\/s|kB\/s/);
  await win.transfers.reaches(name, restingAt + 5);

  await win.transfers.command(name, "Cancel…");
  const dialog = win.page.getByRole("dialog", { name: `Cancel ${name}?` });
  await win.hand.press(dialog.getByRole("radio", { name: "Delete what is there" }));
  await win.hand.press(dialog.getByRole("button", { name: "Cancel transfer" }));
  await expect(win.transfers.row(name)).toBeHidden();
  const requests = () => store.requests();
  await expect
    .poll(async () => (await requests()).some((each) => each.op === "AbortMultipartUpload"))
    .toBe(true);
  expect(await new Reader(store.endpoint, BUCKET, store.keys).keys("")).toEqual([]);
});

test("what a canceled transfer kept is not sent again", async ({ win, store }) => {
  const name = "phi-4.gguf";
  const path = join(win.host.folder, name);
  await makeFile(path, 96 * MIB, 5);
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  await win.limit("Up", "20MB");
  const upload = async () => {
    await win.chooseHostFiles([name]);
    await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
    await win.sheet.start();
  };
  await upload();
  await win.transfers.reaches(name, 30);
  await win.transfers.command(name, "Cancel…");
  await win.hand.press(win.page.getByRole("button", { name: "Cancel transfer" }));
  await expect(win.transfers.row(name)).toBeHidden();

  await upload();
  await win.transfers.isDone(name);
  const parts = (await store.requests()).filter((each) => each.op === "UploadPart");
  const whole = parts.filter((each) => each.status === 200).map((each) => each.partNumber);
  // The store may have taken what was under way, on two connections, before it was canceled.
  expect(whole.length).toBeLessThanOrEqual(6 + 2);
  expect(new Set(whole).size).toBe(6);
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  expect(await reader.digest(name)).toBe(await digestFile(path));
});
