import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { makeFile, MIB } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

test("options of the profile and of one upload come to the object @keyboard", async ({
  win,
  store,
}) => {
  const name = "notes.bin";
  await makeFile(join(win.host.folder, name), MIB, 30);
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  const { page, hand } = win;
  await win.show("Settings");
  await hand.press(page.getByRole("button", { name: /^Lab/ }).last());
  const { form } = win.editor;
  await hand.press(form.getByRole("button", { name: /^Options of uploads/ }));
  await hand.write(form.getByRole("textbox", { name: "Metadata" }), "team=research");
  await win.editor.save();
  await expect(form.getByRole("button", { name: "Undo changes" })).toBeHidden();

  await win.show("Transfers");
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  const sheet = win.sheet.dialog;
  await hand.press(sheet.getByRole("button", { name: /^Options/ }));
  await expect(sheet.getByText("beside the profile's team=research")).toBeVisible();
  const type = sheet.getByRole("textbox", { name: "Content type" });
  await hand.write(type, "text/\u00e9");
  await expect(sheet.getByText("no spaces at its ends")).toBeVisible();
  await expectAccessible(page, "options of an upload");
  await hand.write(type, "text/markdown");
  await hand.press(sheet.getByRole("button", { name: "Upload", exact: true }));
  await win.transfers.isDone(name);
  const facts = await new Reader(store.endpoint, BUCKET, store.keys).facts(name);
  expect(facts).toMatchObject({ contentType: "text/markdown", metadata: { team: "research" } });
});
