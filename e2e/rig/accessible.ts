import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "playwright/test";
import type { Page } from "playwright/test";

/** What axe finds on the page as it is now, in light; and its colours again in dark. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // What the mouse happens to rest on has a tip, which is no part of the page.
  await page.mouse.move(0, 0);
  await expect(page.getByRole("tooltip")).toHaveCount(0);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    const axe = new AxeBuilder({ page }).setLegacyMode();
    // Nothing else depends on the theme, and all rules take their time.
    if (colorScheme === "dark") axe.withRules(["color-contrast"]);
    const { violations } = await axe.analyze();
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`),
    );
    expect(found, `${where}, ${colorScheme}`).toEqual([]);
  }
}
