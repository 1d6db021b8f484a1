import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { makeFile, MIB } from "../rig/files.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import { makeTree } from "../rig/trees.ts";
import type { LonghaulWindow } from "../window/longhaul-window.ts";

test("axe finds nothing on any screen of a new home", async ({ win }) => {
  await win.open();
  const { page } = win;
  await expect(page.getByRole("heading", { name: "Try the Practice bucket" })).toBeVisible();
  await expectAccessible(page, "first run");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectAccessible(page, "shortcuts");
  await page.keyboard.press("Escape");
  await win.show("Library");
  await expectAccessible(page, "library, no place");
  await win.library.openBucket("Practice bucket", "practice");
  await win.library.tick("digits.csv");
  await expectAccessible(page, "library, ticked");
  await win.show("Cache");
  await expectAccessible(page, "cache, empty");
  await win.show("Settings");
  for (const name of ["Profiles", "Bandwidth", "Network", "Storage", "Appearance", "Help"]) {
    await page.getByRole("navigation", { name: "Settings" }).getByRole("button", { name }).click();
    await expectAccessible(page, `settings, ${name}`);
  }
  await page
    .getByRole("navigation", { name: "Settings" })
    .getByRole("button", { name: "Bandwidth" })
    .click();
  await win.week.write("Mon-Fri 08:00,40Mbit 18:00,off; 02:00,pause 05:00,off");
  await expectAccessible(page, "settings, Bandwidth with a week");
});

test("axe finds nothing on any dialog, menu and form", async ({ win }) => {
  await makeTree(join(win.host.folder, "corpus"), 3);
  await win.open();
  const { page } = win;
  await page.getByRole("button", { name: "New" }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await expectAccessible(page, "new menu");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+l");
  await expect(page.getByRole("textbox", { name: "Up" })).toBeVisible();
  await expectAccessible(page, "limit menu");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+o");
  await expect(page.getByRole("row", { name: /^corpus, / })).toBeVisible();
  await expectAccessible(page, "folder dialog");
  await win.folders.tick("corpus");
  await win.folders.choose();
  await expect(win.sheet.dialog).toBeVisible();
  await expectAccessible(page, "upload sheet");
  await page.keyboard.press("Escape");
  await win.editor.add({
    name: "Away",
    endpoint: "http://127.0.0.1:1",
    accessKeyId: "AKIDNOBODY",
    secretAccessKey: "not-a-secret",
  });
  await win.editor.test();
  await expect(win.editor.step("Reach")).toContainText("does not answer");
  await expectAccessible(page, "profile editor with a failed test");
});

test("axe finds nothing on transfers in all states, their details and questions", async ({
  win,
  store,
}) => {
  const { page } = win;
  const { folder } = win.host;
  await makeFile(join(folder, "slow.gguf"), 64 * MIB, 10);
  await makeFile(join(folder, "taken.gguf"), MIB, 11);
  await makeTree(join(folder, "corpus"), 40);
  await win.host.addProfile("Lab", store, 4);
  await win.open();
  await upload(win, "taken.gguf");
  await win.transfers.isDone("taken.gguf");
  await upload(win, "corpus");
  await win.transfers.isDone("corpus");
  await makeFile(join(folder, "taken.gguf"), MIB, 12);
  await win.limit("Up", "100kB");
  await upload(win, "slow.gguf");
  await win.transfers.reaches("slow.gguf", 0);
  await upload(win, "taken.gguf");
  await expect(page.getByRole("button", { name: /Replace/ }).first()).toBeVisible();
  await expectAccessible(page, "transfers in all states");
  await win.transfers.press("slow.gguf", "More");
  await expect(page.getByRole("menu")).toBeVisible();
  await expectAccessible(page, "row menu");
  await page.keyboard.press("Escape");
  for (const name of ["slow.gguf", "corpus"]) {
    const details = await win.transfers.details(name);
    for (const tab of ["Overview", "Files", "Log"]) {
      await details.getByRole("tab", { name: new RegExp(`^${tab}`) }).click();
      await expectAccessible(page, `details of ${name}, ${tab}`);
    }
  }
  await win.transfers.command("slow.gguf", "Cancel…");
  await expect(page.getByRole("dialog", { name: "Cancel slow.gguf?" })).toBeVisible();
  await expectAccessible(page, "cancel dialog");
});

async function upload(win: LonghaulWindow, name: string): Promise<void> {
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
}
