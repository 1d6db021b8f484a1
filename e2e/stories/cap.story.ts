import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { makeFile, MIB } from "../rig/files.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

test("one transfer gets a cap of its own, which is changed and lifted @keyboard", async ({
  win,
  store,
}) => {
  const name = "gemma-27b.gguf";
  await makeFile(join(win.host.folder, name), 128 * MIB, 31);
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  const { page, hand } = win;
  await win.limit("Up", "5MB");
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await win.transfers.reaches(name, 2);

  await win.transfers.command(name, "Limit…");
  const panel = page.getByRole("dialog", { name: `Limit ${name}` });
  const field = panel.getByRole("textbox", { name: "At most" });
  await expect(field).toBeFocused();
  await hand.write(field, "1000");
  await expect(panel.getByText(/unit/)).toBeVisible();
  await expectAccessible(page, "limit of one transfer");
  await hand.write(field, "200kB");
  await hand.press(panel.getByRole("button", { name: "Set" }));
  await win.transfers.says(name, /limited to 200 kB\/s/);

  await hand.pick(win.transfers.row(name));
  await page.keyboard.press("l");
  await expect(field).toHaveValue("200 kB/s");
  await hand.press(panel.getByRole("button", { name: "Lift the limit" }));
  await expect(win.transfers.row(name)).not.toHaveAccessibleName(/limited to/);
  await win.limit("Up", "100MB");
  await win.transfers.isDone(name);
});
