import { z } from "zod";
import type { EngineBench, Figure } from "./bench-engine.ts";
import { runChild } from "./run-child.ts";

const Figures = z.object({ loopP99Ms: z.record(z.string(), z.number()) });

/** How long the main thread keeps others waiting while bytes move. */
export async function measureLoop(bench: EngineBench): Promise<readonly Figure[]> {
  const { loopP99Ms } = await runChild("loop", bench, Figures);
  return Object.entries(loopP99Ms).map(([way, value]) => ({
    what: `main thread busy, p99, ${way}`,
    value,
    unit: "ms",
    atMost: 20,
  }));
}
