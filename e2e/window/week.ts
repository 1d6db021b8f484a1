import { expect } from "playwright/test";
import type { Locator, Page } from "playwright/test";
import type { Hand } from "./hand.ts";

type Mode = "Full" | "Limited" | "Paused";

const KEYS: Readonly<Record<Mode, string>> = { Full: "1", Limited: "2", Paused: "3" };
const times = (key: string, count: number): string[] => Array.from({ length: count }, () => key);

/** The week in Settings, Bandwidth. */
export class Week {
  readonly #page: Page;
  readonly #hand: Hand;

  constructor(page: Page, hand: Hand) {
    this.#page = page;
    this.#hand = hand;
  }

  /** Paints all hours of all days. */
  async paintAll(mode: Mode): Promise<void> {
    const grid = this.#page.getByRole("grid", { name: "Week" });
    const brushes = this.#page.getByRole("radiogroup", { name: "Paint with" });
    await this.#hand.paint({
      brush: brushes.locator("label", { hasText: mode }),
      from: this.#cell("Monday 0:00"),
      to: this.#cell("Sunday 23:00"),
      tabStop: grid.locator('[role="gridcell"][tabindex="0"]'),
      keys: [
        ...times("ArrowUp", 6),
        "Home",
        ...times("Shift+ArrowDown", 6),
        "Shift+End",
        KEYS[mode],
      ],
    });
    await expect(this.#cell("Wednesday 12:00")).toHaveAccessibleName(
      `Wednesday 12:00 to 13:00, ${mode.toLowerCase()}`,
    );
  }

  /** As `longhaul limit schedule` takes it. */
  async write(text: string): Promise<void> {
    const field = this.#page.getByRole("textbox", { name: "As text" });
    await this.#hand.write(field, text);
    await this.#page.keyboard.press("Enter");
    await expect(this.#cell("Monday 3:00")).toHaveAccessibleName(/paused/);
  }

  #cell(start: string): Locator {
    return this.#page.getByRole("gridcell", { name: `${start} to` });
  }
}
