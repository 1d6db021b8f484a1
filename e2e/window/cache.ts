import { expect } from "playwright/test";
import type { Locator, Page } from "playwright/test";
import type { Hand } from "./hand.ts";

/** What of buckets is on this machine. */
export class Cache {
  readonly #page: Page;
  readonly #hand: Hand;

  constructor(page: Page, hand: Hand) {
    this.#page = page;
    this.#hand = hand;
  }

  row(name: string): Locator {
    return this.#page
      .getByRole("grid", { name: "Entries" })
      .getByRole("row", { name: new RegExp(`^${name}, `) });
  }

  async tick(name: string): Promise<void> {
    await this.#hand.tick(this.row(name));
    await expect(this.row(name)).toHaveAttribute("aria-selected", "true");
  }

  async pin(name: string): Promise<void> {
    const row = this.row(name);
    await this.#hand.rowKey("p", row, row.getByRole("button", { name: /^Pin / }));
    await expect(row).toHaveAccessibleName(/, pinned/);
  }

  /** A command from the row's menu, by the menu's key or the button. */
  async command(name: string, command: string): Promise<void> {
    const row = this.row(name);
    await this.#hand.rowKey("Shift+F10", row, row.getByRole("button", { name: /^More for/ }));
    const item = this.#page.getByRole("menuitem", { name: command, exact: true });
    await this.#hand.press(item);
  }

  /** Waits for the sentence that says how the work ended, and puts it away. */
  async ended(words: RegExp): Promise<void> {
    const result = this.#page.getByRole("region", { name: "Result of work on the cache" });
    await expect(result).toContainText(words);
    await this.#hand.press(result.getByRole("button", { name: "Put this result away" }));
    await expect(result).toBeHidden();
  }

  /** Opens the sheet that frees space. */
  async freeUp(): Promise<Locator> {
    await this.#hand.press(this.#page.getByRole("button", { name: "Free up space…" }));
    const dialog = this.#page.getByRole("dialog", { name: "Free up space" });
    await expect(dialog).toBeVisible();
    return dialog;
  }
}
