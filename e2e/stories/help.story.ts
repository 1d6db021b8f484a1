import { readFile } from "node:fs/promises";
import { expect, test } from "../rig/story.ts";

test("diagnostics are saved from the settings, without the keys @keyboard", async ({
  win,
  store,
}) => {
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  await win.show("Settings");
  const pages = win.page.getByRole("navigation", { name: "Settings" });
  await win.hand.press(pages.getByRole("button", { name: "Help" }));
  const download = win.page.waitForEvent("download");
  await win.hand.press(win.page.getByRole("button", { name: "Save diagnostics" }));
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^longhaul-diagnostics-.*\.json$/);
  const text = await readFile(await file.path(), "utf8");
  expect(JSON.parse(text)).toHaveProperty("journal.transfers", {});
  expect(text).not.toContain(store.keys.secretAccessKey);
  expect(text).not.toContain(store.keys.accessKeyId);
});
