import type { CaseName } from "./cases.ts";
import type { Figures } from "./figures.ts";

/** How many times as fast as the fastest rival, at least; a listing is shown and not judged. */
const FACTORS: Readonly<Record<CaseName, number | null>> = {
  "large-up": 1.3,
  "large-down": 1.3,
  "small-up": 1,
  "small-down": 1,
  list: null,
};

/** Of curl, which checks nothing, the time is a floor and not a rival's. */
const RIVALS: ReadonlySet<string> = new Set(["aws", "rclone", "s5cmd", "aria2c"]);

type Result = {
  readonly name: CaseName;
  readonly connections: number;
  readonly rows: readonly Figures[];
};

/**
 * One line over all results, and whether each case is as fast as it has to be. On the bench's own
 * sandbox nothing is judged: it takes half of the machine.
 */
export function summaryOf(
  results: readonly Result[],
  isJudged: boolean,
): { readonly isMet: boolean; readonly line: string } {
  const judged = results.map((result) => {
    const ours = result.rows.find(({ client }) => client === "longhaul");
    const others = result.rows.filter(({ client }) => RIVALS.has(client));
    const fastest = others.toSorted((a, b) => a.wallSeconds - b.wallSeconds)[0];
    const needed = FACTORS[result.name];
    if (ours === undefined || fastest === undefined) return { isMet: true, text: "" };
    const factor = fastest.wallSeconds / ours.wallSeconds;
    const needs = needed === null || !isJudged ? "" : ` (needs ${needed.toFixed(1)})`;
    const text = `${result.name} ${factor.toFixed(2)} times ${fastest.client}${needs}`;
    return { isMet: needed === null || !isJudged || factor >= needed, text };
  });
  const texts = judged.map(({ text }) => text).filter((text) => text !== "");
  return { isMet: judged.every(({ isMet }) => isMet), line: `peers: ${texts.join(", ")}` };
}
