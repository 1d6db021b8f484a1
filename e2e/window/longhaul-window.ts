import { expect } from "playwright/test";
import type { Page } from "playwright/test";
import type { Guard } from "../rig/guard.ts";
import type { Host } from "../rig/host.ts";
import type { Hand } from "./hand.ts";
import { Cache } from "./cache.ts";
import { FolderDialog } from "./folder-dialog.ts";
import { Library } from "./library.ts";
import { ProfileEditor } from "./profile-editor.ts";
import { Transfers } from "./transfers.ts";
import { UploadSheet } from "./upload-sheet.ts";
import { Week } from "./week.ts";

type Screen = "Transfers" | "Library" | "Cache" | "Settings";

const KEYS: Readonly<Record<Screen, string>> = {
  Transfers: "Control+1",
  Library: "Control+2",
  Cache: "Control+3",
  Settings: "Control+,",
};

/** The window as somebody sees and works it. Nothing in here knows how it is made. */
export class LonghaulWindow {
  readonly page: Page;
  readonly hand: Hand;
  readonly host: Host;
  readonly transfers: Transfers;
  readonly library: Library;
  readonly cache: Cache;
  readonly sheet: UploadSheet;
  readonly folders: FolderDialog;
  readonly editor: ProfileEditor;
  readonly week: Week;
  readonly #guard: Guard;

  constructor(page: Page, hand: Hand, host: Host, guard: Guard) {
    this.page = page;
    this.hand = hand;
    this.host = host;
    this.#guard = guard;
    this.transfers = new Transfers(page, hand);
    this.folders = new FolderDialog(page, hand);
    this.library = new Library(page, hand, this.folders);
    this.cache = new Cache(page, hand);
    this.sheet = new UploadSheet(page, hand);
    this.editor = new ProfileEditor(page, hand);
    this.week = new Week(page, hand);
  }

  /** Starts the program and opens what it prints. */
  async open(): Promise<void> {
    await this.page.goto(await this.host.start());
    await this.ready();
  }

  /** Waits until the list of transfers has come, be it empty. */
  async ready(): Promise<void> {
    const list = this.page.getByRole("grid", { name: "Transfers" });
    const empty = this.page.getByText("Drop files or folders anywhere");
    await expect(list.or(empty).first()).toBeVisible();
  }

  /** Ends the program as a power cut does. */
  async killHost(): Promise<void> {
    this.#guard.expectAway(true);
    await this.host.kill();
  }

  /** Closes the page and ends the program as Ctrl-C does. */
  async quit(): Promise<void> {
    await this.page.goto("about:blank");
    await this.host.stop();
  }

  /** Starts the program again over the same home and opens its new address. */
  async openAgain(): Promise<void> {
    await this.page.goto("about:blank");
    await this.open();
    this.#guard.expectAway(false);
  }

  async show(screen: Screen): Promise<void> {
    const button = this.page
      .getByRole("navigation", { name: "Screens" })
      .getByRole("button", { name: new RegExp(`^${screen}`) });
    await this.hand.shortcut(KEYS[screen], button);
    await expect(
      this.page.getByRole("heading", { level: 1, name: new RegExp(`^${screen}`) }),
    ).toBeVisible();
  }

  async openSettings(name: string): Promise<void> {
    await this.show("Settings");
    const pages = this.page.getByRole("navigation", { name: "Settings" });
    await this.hand.press(pages.getByRole("button", { name }));
  }

  /** Chooses files and folders of the host, directly below the folder that browsing starts in. */
  async chooseHostFiles(names: readonly string[]): Promise<void> {
    await this.hand.shortcut("Control+o", this.page.getByRole("button", { name: "New" }));
    const menu = this.page.getByRole("menuitem", { name: /^Upload files/ });
    const dialog = this.page.getByRole("dialog", { name: "Files on this machine" });
    await expect(menu.or(dialog).first()).toBeVisible();
    if (await menu.isVisible()) await this.hand.press(menu);
    for (const name of names) await this.folders.tick(name);
    await this.folders.choose();
  }

  /** A cap on all transfers together, as typed: `20MB`. */
  async limit(direction: "Up" | "Down", rate: string): Promise<void> {
    const status = this.page.getByRole("group", { name: "Status" });
    const button = status.getByRole("button", { name: /limit/i });
    await this.hand.shortcut("Control+l", button);
    const field = this.page.getByRole("dialog").getByRole("textbox", { name: direction });
    await this.hand.write(field, rate);
    await this.page.keyboard.press("Enter");
    await expect(button).toContainText("/s");
    await this.page.keyboard.press("Escape");
    await expect(field).toBeHidden();
  }

  /** Hears what a screen reader is told by itself from now on; answers all of it so far. */
  async listen(): Promise<() => Promise<string[]>> {
    const region = this.page.locator('[role="status"][aria-live="polite"]').last();
    const heard = await region.evaluateHandle((element) => {
      const texts: string[] = [];
      const hear = () => {
        const text = element.textContent.trim();
        if (text !== "") texts.push(text);
      };
      new MutationObserver(hear).observe(element, {
        childList: true,
        characterData: true,
        subtree: true,
      });
      return texts;
    });
    return () => heard.jsonValue();
  }

  /** Controls that reach beyond the window where nothing scrolls them in, by their names. */
  async cutControls(): Promise<string[]> {
    return await this.page.evaluate(() => {
      const canScroll = (element: Element) => {
        for (let at: Element | null = element; at !== null; at = at.parentElement) {
          const { overflowX, overflowY } = getComputedStyle(at);
          if (/auto|scroll/.test(overflowX + overflowY)) return true;
        }
        return false;
      };
      const { clientWidth, clientHeight } = document.documentElement;
      return [...document.querySelectorAll("button, input, [role=tab]")]
        .filter((control) => {
          const box = control.getBoundingClientRect();
          if (box.width < 2 || box.height < 2 || canScroll(control)) return false;
          return box.right > clientWidth + 1 || box.bottom > clientHeight + 1 || box.left < -1;
        })
        .map((control) => control.getAttribute("aria-label") ?? control.textContent);
    });
  }
}
