import type { Taken } from "./measure.ts";

/** What one client took in one case, over all its runs. */
export type Figures = {
  readonly client: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Null where no payload moves. */
  readonly cpuSecondsPerGib: number | null;
  readonly peakMib: number;
  readonly runs: number;
};

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** Medians over runs that moved `movedBytes` each. */
export function figuresOf(client: string, runs: readonly Taken[], movedBytes: number): Figures {
  const median = (pick: (taken: Taken) => number) => medianOf(runs.map(pick));
  const cpuSeconds = median((taken) => taken.cpuSeconds);
  return {
    client,
    wallSeconds: median(({ wallSeconds }) => wallSeconds),
    cpuSeconds,
    cpuSecondsPerGib: movedBytes === 0 ? null : (cpuSeconds * GIB) / movedBytes,
    peakMib: median(({ peakBytes }) => peakBytes) / MIB,
    runs: runs.length,
  };
}

/** The middle one; of two in the middle their mean. NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** One line for each client; ratios say how many times as long the others took. */
export function tableOf(title: string, figures: readonly Figures[]): string {
  const ours = figures.find(({ client }) => client === "longhaul");
  const rows = figures.map((row) => [
    row.client,
    row.wallSeconds.toFixed(2),
    ours === undefined ? "" : (row.wallSeconds / ours.wallSeconds).toFixed(2),
    row.cpuSeconds.toFixed(2),
    row.cpuSecondsPerGib?.toFixed(2) ?? "",
    row.peakMib.toFixed(0),
  ]);
  const head = ["client", "wall s", "of ours", "CPU s", "CPU s per GiB", "peak MiB"];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [`### ${title}`, "", line(head), line(head.map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}
