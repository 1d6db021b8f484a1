import { expect } from "playwright/test";
import type { Locator, Page } from "playwright/test";
import type { Hand } from "./hand.ts";

export type ProfileEntry = {
  readonly name: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region?: string;
  /** The only one it may use; writing is tried in it. */
  readonly bucket?: string;
};

/** Settings, Profiles: the form, and the test that says step by step what works. */
export class ProfileEditor {
  readonly #page: Page;
  readonly #hand: Hand;

  constructor(page: Page, hand: Hand) {
    this.#page = page;
    this.#hand = hand;
  }

  get form(): Locator {
    return this.#page.getByRole("form");
  }

  /** Opens a new profile from the sidebar and fills it in. */
  async add(entry: ProfileEntry): Promise<void> {
    const sidebar = this.#page.getByRole("navigation", { name: "Screens" });
    await this.#hand.press(sidebar.getByRole("button", { name: "Add a profile" }));
    await this.write("Name", entry.name);
    await this.#hand.choose(this.form.getByRole("combobox", { name: "Kind" }), /^MinIO/);
    await this.write("Endpoint", entry.endpoint);
    if (entry.region !== undefined) await this.write("Region", entry.region);
    await this.write("Access key", entry.accessKeyId);
    await this.write("Secret key", entry.secretAccessKey);
    if (entry.bucket !== undefined) await this.write("Only this bucket", entry.bucket);
  }

  async write(field: string, text: string): Promise<void> {
    await this.#hand.write(this.form.getByRole("textbox", { name: field, exact: true }), text);
  }

  /** New keys of a profile that has some; those are never shown. */
  async replaceKeys(keys: { readonly secretAccessKey: string; readonly sessionToken: string }) {
    await this.#hand.press(this.form.getByRole("button", { name: "Replace…" }));
    await this.write("Secret key", keys.secretAccessKey);
    await this.write("Session token", keys.sessionToken);
  }

  async save(): Promise<void> {
    await this.#hand.press(this.form.getByRole("button", { name: "Save", exact: true }));
  }

  /** Runs the test; its steps are then in `steps`. */
  async test(): Promise<void> {
    await this.#hand.press(this.form.getByRole("button", { name: /^Test/ }));
  }

  async testWithWriting(): Promise<void> {
    await this.#hand.press(this.form.getByRole("checkbox", { name: "Also try writing" }));
    await this.test();
  }

  step(name: string): Locator {
    const steps = this.form.getByRole("list", { name: "Steps" }).getByRole("listitem");
    return steps.filter({ hasText: new RegExp(`^${name}`) });
  }

  async passed(name: string): Promise<void> {
    await expect(this.step(name).getByRole("img", { name: "Passed" })).toBeVisible();
  }
}
