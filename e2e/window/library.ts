import { expect } from "playwright/test";
import type { Locator, Page } from "playwright/test";
import type { FolderDialog } from "./folder-dialog.ts";
import type { Hand } from "./hand.ts";

/** What lies in the buckets, and how it gets here. */
export class Library {
  readonly #page: Page;
  readonly #hand: Hand;
  readonly #folders: FolderDialog;

  constructor(page: Page, hand: Hand, folders: FolderDialog) {
    this.#page = page;
    this.#hand = hand;
    this.#folders = folders;
  }

  /** Goes to a bucket by an address, as pasted from elsewhere. */
  async goTo(address: string): Promise<void> {
    const field = this.#page.getByRole("textbox", { name: "Filter, or paste an address" });
    await this.#hand.write(field, address);
    await this.#page.keyboard.press("Enter");
  }

  /** Opens a bucket in the sidebar. */
  async openBucket(profile: string, bucket: string): Promise<void> {
    const tree = this.#page.getByRole("tree", { name: "Profiles" });
    const branch = tree.getByRole("treeitem", { name: profile, exact: true }).first();
    if ((await branch.getAttribute("aria-expanded")) !== "true") await this.#hand.press(branch);
    await this.#hand.press(tree.getByRole("treeitem", { name: bucket, exact: true }).last());
    await this.shows(`${bucket}/`);
  }

  async openPrefix(name: string): Promise<void> {
    await this.#hand.enter(this.row(name));
  }

  /** Waits until this place is listed: `bucket/prefix/`. */
  async shows(place: string): Promise<void> {
    await expect(this.#page.getByRole("grid", { name: `Objects in ${place}` })).toBeVisible();
  }

  /** Chooses between models and files. */
  async show(view: "Models" | "Files"): Promise<void> {
    const choice = this.#page.getByRole("radiogroup", { name: "Show" });
    const label = choice.getByText(view, { exact: true });
    await this.#hand.pickOne(choice.getByRole("radio", { name: view }), label);
  }

  /** The row of a model whose sentence begins so. */
  model(sentence: string): Locator {
    return this.#page
      .getByRole("grid", { name: /^Models in/ })
      .getByRole("row", { name: new RegExp(`^${sentence}`) });
  }

  /** Shows only the models of a chip: `Newer upstream`. */
  async showOnly(chip: string): Promise<void> {
    const chips = this.#page.getByRole("group", { name: "Show" });
    await chips.getByRole("checkbox", { name: new RegExp(`^${chip}`) }).press("Space");
  }

  async tickModel(sentence: string): Promise<void> {
    await this.#hand.tick(this.model(sentence));
    await expect(this.model(sentence)).toHaveAttribute("aria-selected", "true");
  }

  row(name: string): Locator {
    return this.#page
      .getByRole("grid", { name: /^Objects in/ })
      .getByRole("row", { name: new RegExp(`^${name}, `) });
  }

  async tick(name: string): Promise<void> {
    await this.#hand.tick(this.row(name));
    await expect(this.row(name)).toHaveAttribute("aria-selected", "true");
  }

  /** Gets what is ticked into a folder directly below the one that browsing starts in. */
  async getInto(folder: string): Promise<void> {
    await this.chooseFolder(folder);
    await this.get();
  }

  /** Gets what is ticked into the folder that the bar names. */
  async get(): Promise<void> {
    await this.#hand.press(this.bar.getByRole("button", { name: /^Get/ }));
    await expect(this.bar).toBeHidden();
  }

  /** Lists the place on screen once more. */
  async listAgain(): Promise<void> {
    await this.#hand.press(this.#page.getByRole("button", { name: "List again" }));
  }

  /** Where what is got goes to: a folder directly below the one that browsing starts in. */
  async chooseFolder(folder: string): Promise<void> {
    const field = this.bar.getByRole("combobox", { name: "Destination" });
    await this.#hand.choose(field, /^Choose/);
    await this.#folders.enter(folder);
    await this.#folders.choose();
    await expect(field).toHaveValue(new RegExp(`${folder}$`));
  }

  /** Ticks that the one ticked archive is unpacked, too. */
  async alsoUnpack(): Promise<void> {
    await this.#hand.press(this.bar.getByRole("checkbox", { name: /^Unpack into/ }));
  }

  /** Opens what an object was at other times, and answers the list's items. */
  async versions(name: string): Promise<Locator> {
    await this.#hand.rowCommand("v", this.row(name), "Earlier versions");
    return this.#page.getByRole("list", { name: `Versions of ${name}` }).getByRole("listitem");
  }

  /** Opens the dialog that gets an archive and unpacks it. */
  async unpack(name: string): Promise<Locator> {
    await this.#hand.rowCommand("u", this.row(name), "Get and unpack…");
    return await this.#opened(`Get and unpack ${name}`);
  }

  /** Opens the dialog that keeps a prefix in sync. */
  async follow(name: string): Promise<Locator> {
    await this.#hand.rowCommand("s", this.row(name), "Keep in sync…");
    return await this.#opened(`Keep ${name} in sync`);
  }

  async #opened(name: string): Promise<Locator> {
    const dialog = this.#page.getByRole("dialog", { name });
    await expect(dialog).toBeVisible();
    return dialog;
  }

  /** What the ticks add up to; there while something is ticked. */
  get bar(): Locator {
    return this.#page.getByRole("region", { name: "Ticked" });
  }
}
