import { expect } from "playwright/test";
import type { Locator, Page } from "playwright/test";
import type { Hand } from "./hand.ts";

/** How long a story's transfers may take on a machine with much else to do. */
const DONE_WITHIN_MS = 90_000;

/** The list of transfers. Its rows are read as the sentences that they say. */
export class Transfers {
  readonly #page: Page;
  readonly #hand: Hand;

  constructor(page: Page, hand: Hand) {
    this.#page = page;
    this.#hand = hand;
  }

  row(name: string): Locator {
    return this.#page
      .getByRole("grid", { name: "Transfers" })
      .getByRole("row", { name: new RegExp(`load ${escape(name)}[, ]`) });
  }

  async isDone(name: string): Promise<void> {
    await this.says(name, /Done at /, DONE_WITHIN_MS);
  }

  /** Waits until the row's sentence says so. */
  async says(name: string, words: RegExp, timeout = 20_000): Promise<void> {
    await expect(this.row(name)).toHaveAccessibleName(words, { timeout });
  }

  /** Waits until the row shows at least this share, in percent. */
  async reaches(name: string, percent: number): Promise<void> {
    await expect
      .poll(() => this.percent(name), { timeout: DONE_WITHIN_MS, intervals: [100] })
      .toBeGreaterThanOrEqual(percent);
  }

  async percent(name: string): Promise<number> {
    const words = (await this.row(name).getAttribute("aria-label")) ?? "";
    const [, digits] = /(\d+) percent/.exec(words) ?? [];
    return digits === undefined ? 0 : Number(digits);
  }

  /** Presses one of the row's own buttons: `Pause`, `Resume`, `More`. */
  async press(name: string, button: string): Promise<void> {
    await this.#hand.press(this.row(name).getByRole("button", { name: new RegExp(`^${button}`) }));
  }

  /** Picks a command from the row's menu. */
  async command(name: string, command: string): Promise<void> {
    await this.press(name, "More");
    const menu = this.#page.getByRole("menu", { name: `Commands for ${name}` });
    await this.#hand.press(menu.getByRole("menuitem", { name: command, exact: true }));
  }

  /** Shows one group alone, or what is unfinished. */
  async showOnly(segment: string): Promise<void> {
    const group = this.#page.getByRole("radiogroup", { name: "Show" });
    const radio = group.getByRole("radio", { name: new RegExp(`^${segment}`) });
    await this.#hand.pickOne(radio, group.getByText(segment, { exact: true }));
    await expect(radio).toBeChecked();
  }

  /** Opens the details beside the list and answers them. */
  async details(name: string): Promise<Locator> {
    await this.#hand.pick(this.row(name));
    const details = this.#page.getByRole("complementary", { name: `Details of ${name}` });
    if (!(await details.isVisible())) await this.#page.keyboard.press("Enter");
    await expect(details).toBeVisible();
    return details;
  }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
