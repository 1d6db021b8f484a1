import { setTimeout as wait } from "node:timers/promises";
import type { Locator, Page } from "playwright/test";

/** Milliseconds between frames while a grid's rows are scrolled, in the order they came. */
export async function scrollFrames(grid: Locator, frames: number): Promise<number[]> {
  return await grid.evaluate(async (element, count) => {
    const rows = [...element.querySelectorAll('[role="rowgroup"]')].at(-1);
    const nextFrame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    const found: number[] = [];
    let lastMs = performance.now();
    for (let frame = 0; frame < count; frame++) {
      if (rows) rows.scrollTop += 170;
      await nextFrame();
      const nowMs = performance.now();
      found.push(nowMs - lastMs);
      lastMs = nowMs;
    }
    return found;
  }, frames);
}

/** The value that this share of all lies at or below. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Seconds of the page's own thread per second of the wall clock, while nobody touches it. */
export async function idleLoad(page: Page, overMs: number): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "timeTicks" });
  const read = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const valueOf = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return { atSeconds: valueOf("Timestamp"), taskSeconds: valueOf("TaskDuration") };
  };
  const before = await read();
  // The time that is measured, not one that is waited for something.
  await wait(overMs);
  const after = await read();
  await session.detach();
  return (after.taskSeconds - before.taskSeconds) / (after.atSeconds - before.atSeconds);
}
