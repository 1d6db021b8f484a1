import { expect } from "playwright/test";
import type { Locator, Page } from "playwright/test";
import type { Hand } from "./hand.ts";

export type UploadTarget = {
  readonly profile: string;
  readonly bucket: string;
  /** Ends in `/`, or empty. */
  readonly prefix: string;
};

/** The one question before an upload: where to. */
export class UploadSheet {
  readonly #page: Page;
  readonly #hand: Hand;

  constructor(page: Page, hand: Hand) {
    this.#page = page;
    this.#hand = hand;
  }

  get dialog(): Locator {
    return this.#page.getByRole("dialog", { name: /^Upload / });
  }

  async aim(target: Partial<UploadTarget>): Promise<void> {
    await expect(this.dialog).toBeVisible();
    if (target.profile !== undefined) await this.#choose("Profile", target.profile);
    if (target.bucket !== undefined) await this.#choose("Bucket", target.bucket);
    if (target.prefix !== undefined) {
      await this.#hand.write(this.dialog.getByRole("combobox", { name: "Folder" }), target.prefix);
    }
  }

  /** File by file, or as one archive: `.tar.gz`. */
  async sendAs(way: string): Promise<void> {
    const group = this.dialog.getByRole("radiogroup", { name: "Send as" });
    await this.#hand.pickOne(
      group.getByRole("radio", { name: way, exact: true }),
      group.getByText(way, { exact: true }),
    );
  }

  /** Enter, as the sheet promises, from wherever the focus is after the drop. */
  async start(): Promise<void> {
    await expect(this.dialog.getByRole("button", { name: "Upload", exact: true })).toBeEnabled();
    await expect(this.dialog.locator(":focus")).toHaveCount(1);
    await this.#page.keyboard.press("Enter");
    await expect(this.dialog).toBeHidden();
  }

  async #choose(field: string, option: string): Promise<void> {
    const box = this.dialog.getByRole("combobox", { name: field });
    if ((await box.inputValue()) === option) return;
    await this.#hand.choose(box, option);
    await expect(box).toHaveValue(option);
  }
}
