/** In the order that F6 goes round; regions that are not on screen are passed by. */
const REGIONS = ["sidebar", "screen", "details", "status"] as const;

const REACHABLE =
  '[tabindex="0"], button:not([tabindex="-1"]):not(:disabled), input:not([tabindex="-1"]):not(:disabled), a[href]';

/** Moves the focus to the next region's list if it has one, else to its first control. */
export function focusNextRegion(page: Document, step: 1 | -1): void {
  const here = page.activeElement?.closest<HTMLElement>("[data-region]")?.dataset["region"];
  const at = REGIONS.findIndex((region) => region === here);
  for (let tries = 1; tries <= REGIONS.length; tries++) {
    const from = at === -1 && step === 1 ? -1 : Math.max(at, 0);
    const next = (from + step * tries + REGIONS.length * 2) % REGIONS.length;
    const target = firstIn(page.querySelector<HTMLElement>(`[data-region="${REGIONS[next]}"]`));
    if (target) {
      target.focus();
      return;
    }
  }
}

function firstIn(region: HTMLElement | null): HTMLElement | null {
  if (!region) return null;
  const list = region.querySelector<HTMLElement>('[role="row"][tabindex="0"]');
  return list ?? region.querySelector<HTMLElement>(REACHABLE);
}
