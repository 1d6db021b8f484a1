import type { CaseName } from "./cases.ts";
import type { Figures } from "./figures.ts";

/** How many times as fast as the fastest rival, at least; a listing is shown and not judged. */
const FACTORS: Readonly<Record<CaseName, number | null>> = {
  "large-up": 1.3,
  "large-down": 1.3,
  "plain-down": 1.3,
  "small-up": 1,
  "small-down": 1,
  // What the rivals take for the same by size and time is not what is asked of us.
  "no-change": null,
  list: null,
};

/** CPU of curl and a digest over the same bytes, at most times which ours may take. */
const CPU_FACTOR = 1.5;

/** Whom a large file is compared with; of curl, which checks nothing, the time is a floor. */
const LARGE_RIVALS: ReadonlySet<string> = new Set(["aws", "rclone", "aria2c"]);
const SMALL_RIVALS: ReadonlySet<string> = new Set([...LARGE_RIVALS, "s5cmd"]);

type Result = {
  readonly name: CaseName;
  readonly connections: number;
  readonly rows: readonly Figures[];
};

type Verdict = { readonly isMet: boolean; readonly text: string };

/**
 * One line over all results, and whether each case is as fast and as cheap as it has to be. On the
 * bench's own sandbox nothing is judged: it takes half of the machine.
 */
export function summaryOf(
  results: readonly Result[],
  isSandbox: boolean,
): { readonly isMet: boolean; readonly line: string } {
  const verdicts = results.flatMap((result) => {
    const isJudged = !isSandbox || result.name === "plain-down";
    return [timeOf(result, isJudged), cpuOf(result, isJudged)].filter((each) => each !== null);
  });
  const line = `peers: ${verdicts.map(({ text }) => text).join(", ")}`;
  return { isMet: verdicts.every(({ isMet }) => isMet), line };
}

function timeOf({ name, rows }: Result, isJudged: boolean): Verdict | null {
  const rivals = name.startsWith("small") ? SMALL_RIVALS : LARGE_RIVALS;
  const ours = rows.find(({ client }) => client === "longhaul");
  const others = rows.filter(({ client }) => rivals.has(client));
  const fastest = others.toSorted((a, b) => a.wallSeconds - b.wallSeconds)[0];
  if (ours === undefined || fastest === undefined) return null;
  const needed = isJudged ? FACTORS[name] : null;
  const factor = fastest.wallSeconds / ours.wallSeconds;
  const needs = needed === null ? "" : ` (needs ${needed.toFixed(1)})`;
  const text = `${name} ${factor.toFixed(2)} times as fast as ${fastest.client}${needs}`;
  return { isMet: needed === null || factor >= needed, text };
}

function cpuOf({ name, rows }: Result, isJudged: boolean): Verdict | null {
  const ours = rows.find(({ client }) => client === "longhaul");
  const floor = rows.find(({ client }) => client === "curl+sha256");
  if (ours === undefined || floor === undefined) return null;
  const factor = ours.cpuSeconds / floor.cpuSeconds;
  const needs = isJudged ? ` (at most ${CPU_FACTOR})` : "";
  const text = `${name} ${factor.toFixed(2)} times the CPU of ${floor.client}${needs}`;
  return { isMet: !isJudged || factor <= CPU_FACTOR, text };
}
