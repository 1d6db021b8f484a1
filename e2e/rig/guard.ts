import type { Page } from "playwright/test";

/** Network errors of the page's own while its host is away are no fault of the page. */
const AWAY = /net::ERR_|WebSocket connection|Failed to load resource/;

/** What a page must never do, whatever the story is about. */
export class Guard {
  readonly #faults: string[] = [];
  #isHostAway = false;

  async watch(page: Page): Promise<void> {
    page.on("pageerror", (error) => this.#faults.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      if (this.#isHostAway && AWAY.test(message.text())) return;
      this.#faults.push(`console: ${message.text()}`);
    });
    await page.exposeFunction("reportViolation", (text: string) => {
      this.#faults.push(`policy violation: ${text}`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const report = Reflect.get(globalThis, "reportViolation");
        report(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
      });
    });
  }

  /** From now on, or no longer, the host is expected not to answer. */
  expectAway(isAway: boolean): void {
    this.#isHostAway = isAway;
  }

  faults(): readonly string[] {
    return this.#faults;
  }
}
