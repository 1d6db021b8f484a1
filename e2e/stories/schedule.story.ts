import { join } from "node:path";
import { makeFile, MIB } from "../rig/files.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

test("a painted week pauses what runs, says so, and lets it go on @keyboard", async ({
  win,
  store,
}) => {
  const name = "falcon-40b.gguf";
  await makeFile(join(win.host.folder, name), 96 * MIB, 6);
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  await win.limit("Up", "10MB");
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await win.transfers.reaches(name, 10);

  await win.openSettings("Bandwidth");
  await win.week.paintAll("Paused");
  await expect(win.page.getByText("Now paused.")).toBeVisible();
  const status = win.page.getByRole("group", { name: "Status" });
  await expect(status.getByRole("button", { name: "Paused by the schedule" })).toBeVisible();
  await win.show("Transfers");
  await win.transfers.says(name, /Paused by the schedule/);

  await win.openSettings("Bandwidth");
  await win.week.paintAll("Full");
  await expect(status.getByRole("button", { name: "No limit" })).toBeVisible();
  await win.show("Transfers");
  await win.transfers.isDone(name);
});
