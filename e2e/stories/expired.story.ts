import { join } from "node:path";
import { digestFile, makeFile, MIB } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

const NAMES = [1, 2, 3, 4, 5, 6].map((shard) => `shard-${shard}.safetensors`);
const SIZE_BYTES = 33 * MIB;

test("credentials expire with 6 transfers running: one question, and its answer lets all go on @keyboard", async ({
  win,
  store,
}) => {
  const pathOf = (name: string) => join(win.host.folder, name);
  for (const [index, name] of NAMES.entries()) await makeFile(pathOf(name), SIZE_BYTES, index);
  await win.open();
  await win.editor.add({ name: "Lab", endpoint: store.endpoint, bucket: BUCKET, ...store.keys });
  await win.editor.write("Session token", "morning");
  await win.editor.save();
  await win.openSettings("Bandwidth");
  await win.hand.write(win.page.getByRole("textbox", { name: "Uploads at once" }), "6");
  await win.show("Transfers");
  // Slow enough that none is done before the last has begun.
  await win.limit("Up", "1MB");
  for (const name of NAMES) {
    await win.chooseHostFiles([name]);
    await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
    await win.sheet.start();
  }
  for (const name of NAMES)
    await win.transfers.says(name, /left|Estimating|Waits for a free connection/);

  const spent = { kind: "answer", status: 400, code: "ExpiredToken" } as const;
  await store.faults({ rules: [{ on: { token: "morning" }, times: null, fault: spent }] });
  await win.limit("Up", "90MB");
  for (const name of NAMES) await win.transfers.says(name, /Waits for the sign-in to Lab\./);
  const questions = win.page.getByRole("alert");
  await expect(questions).toHaveCount(1);
  await expect(questions).toContainText("The sign-in of Lab has ended.");
  await expect(questions).toContainText("6 transfers wait for it. What was moved is kept.");
  // Nobody asks again: neither a row nor a dialog.
  const list = win.page.getByRole("grid", { name: "Transfers" });
  await expect(list.getByRole("button", { name: /^(Try again|Open Lab)/ })).toHaveCount(0);
  await expect(win.page.getByRole("dialog")).toHaveCount(0);

  await win.hand.press(questions.getByRole("button", { name: "Open Lab" }));
  await win.editor.replaceKeys({ ...store.keys, sessionToken: "noon" });
  await win.editor.save();
  await win.show("Transfers");
  await expect(questions).toHaveCount(0);
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  for (const name of NAMES) {
    await win.transfers.isDone(name);
    expect(await reader.digest(name)).toBe(await digestFile(pathOf(name)));
  }
  const parts = (await store.requests()).filter(
    ({ op, status }) => op === "UploadPart" && status === 200,
  );
  const sent = parts.map(({ key, partNumber }) => `${key} ${partNumber}`);
  expect(new Set(sent).size).toBe(sent.length);
});
