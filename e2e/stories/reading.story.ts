import { join } from "node:path";
import { expectAccessible } from "../rig/accessible.ts";
import { makeFile, MIB } from "../rig/files.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

test("a row reads as one sentence, and only changes of state are spoken", async ({
  win,
  store,
}) => {
  const names = ["first.gguf", "second.gguf"];
  for (const name of names) await makeFile(join(win.host.folder, name), 20 * MIB, name.length);
  await win.host.addProfile("Lab", store, 4);
  await win.open();
  const spoken = await win.listen();
  await win.limit("Up", "8MB");
  for (const name of names) {
    await win.chooseHostFiles([name]);
    await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
    await win.sheet.start();
  }
  const grid = win.page.getByRole("grid", { name: "Transfers" });
  await expect(grid).toHaveAttribute("aria-rowcount", "2");
  await expect(grid.locator('[role="row"][tabindex="0"]')).toHaveCount(1);
  for (const name of names) {
    await win.transfers.says(name, /^Upload \w+\.gguf, from ~ to artifacts, /);
    await win.transfers.isDone(name);
  }
  const said = await spoken();
  for (const name of names) {
    const about = said.filter((text) => text.includes(name));
    expect(about[0]).toContain(`${name} is on the list.`);
    expect(about.at(-1)).toContain(`${name} is done.`);
    expect(about.length).toBeLessThanOrEqual(5);
  }
});

test("with reduced motion nothing moves but what moves bytes", async ({ win }) => {
  await win.page.emulateMedia({ reducedMotion: "reduce" });
  await win.open();
  const running = () => win.page.evaluate(() => document.getAnimations().length);
  for (const key of ["?", "Control+l", "Control+o"]) {
    await win.page.keyboard.press(key);
    await expect(win.page.getByRole("dialog")).toBeVisible();
    expect(await running()).toBe(0);
    await win.page.keyboard.press("Escape");
    await expect(win.page.getByRole("dialog")).toBeHidden();
  }
});

test.describe("at 200 % zoom", () => {
  test.use({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });

  test("every screen fits, and an upload works @keyboard", async ({ win, store }) => {
    const name = "falcon-7b.safetensors";
    await makeFile(join(win.host.folder, name), 4 * MIB, 30);
    await win.host.addProfile("Lab", store, 4);
    await win.open();
    for (const screen of ["Transfers", "Library", "Cache", "Settings"] as const) {
      await win.show(screen);
      expect(await win.cutControls()).toEqual([]);
    }
    await win.show("Transfers");
    await win.chooseHostFiles([name]);
    await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
    expect(await win.cutControls()).toEqual([]);
    await win.sheet.start();
    await win.transfers.isDone(name);
    await win.transfers.details(name);
    expect(await win.cutControls()).toEqual([]);
    await expectAccessible(win.page, "200 % zoom");
  });
});
