import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { makeFile, MIB } from "../rig/files.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

const NAME = "phi-4.gguf";

test("the status bar stands in for the week until its next change @keyboard", async ({
  win,
  store,
}) => {
  await makeFile(join(win.host.folder, NAME), 96 * MIB, 14);
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  const { page, hand } = win;
  await win.limit("Up", "4MB");
  await win.openSettings("Bandwidth");
  await hand.write(page.getByRole("textbox", { name: "As text" }), pausedLaterToday());
  await page.keyboard.press("Enter");
  await win.show("Transfers");

  const status = page.getByRole("group", { name: "Status" });
  const button = status.getByRole("button", { name: /limit|paused/i });
  const panel = page.getByRole("dialog", { name: /limit|paused/i });
  const override = async (mode: string) => {
    await hand.shortcut("Control+l", button);
    const modes = panel.getByRole("radiogroup", { name: /^Until/ });
    await hand.pickOne(modes.getByRole("radio", { name: mode }), modes.getByText(mode));
  };
  await override("Paused");
  await expect(panel.getByText("In place of the week until")).toBeVisible();
  await expectAccessible(page, "override of the week");
  await page.keyboard.press("Escape");
  await expect(button).toContainText(/^Paused by you until/);
  await win.chooseHostFiles([NAME]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await win.transfers.says(NAME, /Paused by you until .*, then by the schedule/);

  await override("Limited");
  await page.keyboard.press("Escape");
  await expect(button).toContainText("Up limited to 4 MB/s until");
  await win.transfers.says(NAME, /MB\/s/);

  await hand.shortcut("Control+l", button);
  await hand.press(panel.getByRole("button", { name: "Follow the week" }));
  await expect(panel.getByText("By the week until")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(button).toContainText("No limit until");
  await win.transfers.isDone(NAME);
});

/** A week that is full now and for some hours on, whenever now is. */
function pausedLaterToday(): string {
  const hour = (later: number) => String((new Date().getHours() + later) % 24).padStart(2, "0");
  return `${hour(6)}:00,pause ${hour(8)}:00,off`;
}
