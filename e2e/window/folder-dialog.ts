import { expect } from "playwright/test";
import type { Locator, Page } from "playwright/test";
import type { Hand } from "./hand.ts";

/** The browser of the host's own folders. */
export class FolderDialog {
  readonly #page: Page;
  readonly #hand: Hand;

  constructor(page: Page, hand: Hand) {
    this.#page = page;
    this.#hand = hand;
  }

  async tick(name: string): Promise<void> {
    await this.#hand.tick(this.#row(name));
    await expect(this.#row(name)).toHaveAttribute("aria-selected", "true");
  }

  async enter(name: string): Promise<void> {
    await this.#hand.enter(this.#row(name));
    const content = new RegExp(`/${name}$`);
    await expect(this.#dialog.getByRole("grid", { name: content })).toBeVisible();
  }

  async choose(): Promise<void> {
    await this.#hand.press(this.#dialog.getByRole("button", { name: /^(Choose|Use)/ }));
    await expect(this.#dialog).toBeHidden();
  }

  get #dialog(): Locator {
    return this.#page.getByRole("dialog").filter({ has: this.#page.getByRole("grid") });
  }

  #row(name: string): Locator {
    return this.#dialog.getByRole("row", { name: new RegExp(`^${name}, `) });
  }
}
