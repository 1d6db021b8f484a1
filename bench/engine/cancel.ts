import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { EngineBench, Figure } from "./bench-engine.ts";
import { runChild } from "./run-child.ts";

const Figures = z.object({
  canceledAtMs: z.number(),
  acknowledgedMs: z.number(),
  /** Null: not within ten seconds. */
  socketsClosedMs: z.number().nullable(),
  abortedMs: z.number().nullable(),
});

const Line = z.object({ atMs: z.number(), op: z.string().optional() });

/** Part of cleaning up, not of what was canceled. */
const CLEANING: ReadonlySet<string> = new Set([
  "AbortMultipartUpload",
  "ListParts",
  "ListMultipartUploads",
]);
const QUIET_MS = 2000;

/** A cancel in the middle of many files and a large one, as the store saw it. */
export async function measureCancel(bench: EngineBench): Promise<readonly Figure[]> {
  const figures = await runChild("cancel", bench, Figures);
  await pause(QUIET_MS);
  const lines = (await readFile(bench.sandbox.logPath, "utf8")).trimEnd().split("\n");
  const late = lines
    .map((line) => Line.parse(JSON.parse(line)))
    .filter(({ op }) => op === undefined || !CLEANING.has(op))
    .map(({ atMs }) => atMs - figures.canceledAtMs);
  return [
    { what: "cancel acknowledged", value: figures.acknowledgedMs, unit: "ms", atMost: 100 },
    // The store logs a request as it ends, so it was sent before that.
    { what: "last request after it", value: Math.max(0, ...late), unit: "ms", atMost: 500 },
    { what: "sockets closed", value: orNever(figures.socketsClosedMs), unit: "ms", atMost: 1000 },
    { what: "uploads aborted", value: orNever(figures.abortedMs), unit: "ms", atMost: 5000 },
  ];
}

function orNever(ms: number | null): number {
  return ms ?? Number.POSITIVE_INFINITY;
}
