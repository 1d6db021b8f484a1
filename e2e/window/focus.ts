import type { Locator, Page } from "playwright/test";

/** Steps that a person would give up after. */
const PATIENCE = 150;

/** Where the focus is as seen from a control: there, or the key that leads nearer. */
type Bearing = "there" | "Tab" | "ArrowDown" | "ArrowUp" | "ArrowRight" | "ArrowLeft";

/** Moves the focus to a control with Tab and the arrow keys alone. */
export async function reach(
  page: Page,
  target: Locator,
  state: "visible" | "attached" = "visible",
): Promise<void> {
  await target.waitFor({ state });
  for (let step = 0; step < PATIENCE; step++) {
    const bearing = await target.evaluate(findBearing);
    if (bearing === "there") return;
    await page.keyboard.press(bearing);
  }
  throw new Error(`the keyboard does not reach ${target.toString()}`);
}

/** Runs in the page, so it is one function. */
function findBearing(target: Element): Bearing {
  const GROUPS = '[role="grid"],[role="tree"],[role="radiogroup"],[role="tablist"],[role="menu"]';
  const active = document.activeElement ?? document.body;
  if (active === target) return "there";
  const group = active.closest(GROUPS);
  if (group === null || group !== target.closest(GROUPS)) return "Tab";
  // A head's own controls are stops before the list's.
  if (target.role === "row" && active.role !== "row") return "Tab";
  const isAhead = (active.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  const row = active.closest('[role="row"]');
  const isInRow = row !== null && row === target.closest('[role="row"]');
  if (group.role === "tablist" || isInRow) return isAhead ? "ArrowRight" : "ArrowLeft";
  return isAhead ? "ArrowDown" : "ArrowUp";
}
