import type { LibraryRow } from "./library-rows.ts";

/** What is known of a prefix's content. */
export type Measure =
  | {
      readonly kind: "measured";
      readonly sizeBytes: number;
      readonly objectCount: number;
      /** Of these, what is in the folder already and would not move. */
      readonly hereBytes: number;
      readonly isCut: boolean;
    }
  | { readonly kind: "failed" };

/** Ticked rows by key. */
export type Ticks = ReadonlyMap<string, LibraryRow>;

export type TickSum = {
  readonly count: number;
  readonly sizeBytes: number;
  /** The sum is a lower bound: a prefix is not measured, or too large to be. */
  readonly isAtLeast: boolean;
  /** Of the size, what is in the folder already and would not move. */
  readonly hereBytes: number;
  /** Prefixes whose content is being counted. */
  readonly measuring: number;
};

/** Most keys in one download, by the contract. */
export const MOST_TICKS = 10_000;

export function setTicks(ticks: Ticks, rows: readonly LibraryRow[], isTicked: boolean): Ticks {
  const next = new Map(ticks);
  for (const row of rows) {
    if (isTicked) next.set(row.key, row);
    else next.delete(row.key);
  }
  return next;
}

/** As a download of them says it: nothing where all of them land by their own names. */
export function keptFolders(rows: Iterable<LibraryRow>): { readonly keptFolders?: string[] } {
  const folders = new Set<string>();
  for (const row of rows) {
    if (row.kind === "object" && row.keptFolder !== undefined) folders.add(row.keptFolder);
  }
  return folders.size === 0 ? {} : { keptFolders: [...folders] };
}

/**
 * What the ticks add up to, as far as it is known.
 *
 * @param objectHereBytes Of the ticked objects, prefixes aside.
 */
export function sumTicks(
  ticks: Ticks,
  measures: ReadonlyMap<string, Measure>,
  objectHereBytes = 0,
): TickSum {
  let sizeBytes = 0;
  let hereBytes = objectHereBytes;
  let measuring = 0;
  let isAtLeast = false;
  for (const row of ticks.values()) {
    if (row.kind === "object") {
      sizeBytes += row.sizeBytes;
      continue;
    }
    const measure = measures.get(row.key);
    if (measure?.kind === "measured") {
      sizeBytes += measure.sizeBytes;
      hereBytes += measure.hereBytes;
    }
    if (!measure) measuring += 1;
    isAtLeast ||= measure?.kind !== "measured" || measure.isCut;
  }
  return { count: ticks.size, sizeBytes, hereBytes, isAtLeast, measuring };
}

/** The box in the head: all of these rows, some, or none. */
export function tickedOf(rows: readonly LibraryRow[], ticks: Ticks): "all" | "some" | "none" {
  if (rows.length === 0 || ticks.size === 0) return "none";
  const ticked = rows.reduce((count, row) => count + (ticks.has(row.key) ? 1 : 0), 0);
  if (ticked === 0) return "none";
  return ticked === rows.length ? "all" : "some";
}
