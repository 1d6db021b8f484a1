import type { Locator, Page } from "playwright/test";
import { reach } from "./focus.ts";

export type HandKind = "mouse" | "keyboard";

/** How somebody works the window: with the mouse, or with the keyboard alone. */
export type Hand = {
  /** Buttons, menu items, tabs, boxes to tick. */
  readonly press: (control: Locator) => Promise<void>;
  /** Chooses one of several by its label; the button itself may be out of sight. */
  readonly pickOne: (radio: Locator, label: Locator) => Promise<void>;
  /** Replaces what a field holds. */
  readonly write: (field: Locator, text: string) => Promise<void>;
  /** Picks from a field with a list. */
  readonly choose: (field: Locator, option: string | RegExp) => Promise<void>;
  /** Ticks a row of the Library or of the host's folders. */
  readonly tick: (row: Locator) => Promise<void>;
  /** Opens a row's folder. */
  readonly enter: (row: Locator) => Promise<void>;
  /** Picks a row of the list of transfers. */
  readonly pick: (row: Locator) => Promise<void>;
  /** A command of a row: by its key with the focus on the row, or by its button there. */
  readonly rowKey: (key: string, row: Locator, button: Locator) => Promise<void>;
  /** The same of a command that the mouse finds in the menu of the row. */
  readonly rowCommand: (key: string, row: Locator, command: string) => Promise<void>;
  /** Paints over cells of a grid: with a brush from corner to corner, or by keys in it. */
  readonly paint: (stroke: Stroke) => Promise<void>;
  /** By the key that the sheet of shortcuts names, or by the control. */
  readonly shortcut: (keys: string, control: Locator) => Promise<void>;
};

export type Stroke = {
  readonly brush: Locator;
  readonly from: Locator;
  readonly to: Locator;
  /** What the keyboard does, once the focus is on the grid's own tab stop. */
  readonly tabStop: Locator;
  readonly keys: readonly string[];
};

export function createHand(kind: HandKind, page: Page): Hand {
  return kind === "mouse" ? mouseHand(page) : keyboardHand(page);
}

function mouseHand(page: Page): Hand {
  return {
    press: (control) => control.click(),
    pickOne: (_, label) => label.click(),
    write: (field, text) => field.fill(text),
    choose: async (field, option) => {
      await field.click();
      await page.getByRole("option", { name: option }).click();
    },
    tick: (row) => row.getByRole("checkbox").click(),
    enter: (row) => row.getByRole("button").first().click(),
    pick: (row) => row.click(),
    rowKey: (_, row, button) => row.hover().then(() => button.click()),
    rowCommand: async (_, row, command) => {
      await row.hover();
      await row.getByRole("button", { name: /^More for / }).click();
      await page.getByRole("menuitem", { name: command }).click();
    },
    paint: async ({ brush, from, to }) => {
      await brush.click();
      await from.hover();
      await page.mouse.down();
      await to.hover();
      await page.mouse.up();
    },
    shortcut: (_, control) => control.click(),
  };
}

function keyboardHand(page: Page): Hand {
  const pressOn = async (target: Locator, key: string) => {
    await reach(page, target);
    await page.keyboard.press(key);
  };
  return {
    press: async (control) => {
      const role = await control.evaluate((element) => element.getAttribute("type"));
      await pressOn(control, role === "checkbox" || role === "radio" ? "Space" : "Enter");
    },
    pickOne: async (radio, label) => {
      await label.waitFor();
      await reach(page, radio, "attached");
    },
    write: async (field, text) => {
      await reach(page, field);
      await page.keyboard.press("Control+a");
      await page.keyboard.press("Delete");
      await page.keyboard.type(text);
    },
    choose: async (field, option) => {
      await pressOn(field, "ArrowDown");
      const wanted = page.getByRole("option", { name: option });
      await wanted.waitFor();
      for (let step = 0; step < 50; step++) {
        if ((await wanted.getAttribute("data-combobox-selected")) === "true") break;
        await page.keyboard.press("ArrowDown");
      }
      await page.keyboard.press("Enter");
    },
    tick: (row) => pressOn(row, "Space"),
    enter: (row) => pressOn(row, "Enter"),
    pick: (row) => reach(page, row),
    rowKey: (key, row) => pressOn(row, key),
    rowCommand: (key, row) => pressOn(row, key),
    paint: async ({ tabStop, keys }) => {
      await reach(page, tabStop);
      for (const key of keys) await page.keyboard.press(key);
    },
    shortcut: (keys) => page.keyboard.press(keys),
  };
}
