import type { CacheWork, CacheWorkState } from "#shared/cache.ts";
import type { Formats } from "../common/use-formats.ts";
import { formatCount, formatPart } from "../common/byte-figures.ts";

type Ended = NonNullable<CacheWorkState["last"]>;

export function entriesText(count: number): string {
  return count === 1 ? "1 entry" : `${formatCount(count)} entries`;
}

/** `Verifying 12 of 41 entries, 30.2 of 141.0 GB`. */
export function progressWords(work: CacheWork, { sizeUnits }: Formats): string {
  const verb = work.kind === "verify" ? "Verifying" : "Repairing";
  const amount = formatPart(work.doneBytes, work.totalBytes, sizeUnits);
  const count = `${formatCount(work.doneCount)} of ${entriesText(work.totalCount)}`;
  return `${verb} ${count}, ${amount}`;
}

/** What was found so far: `1 damaged, 2 missing`; empty where there is nothing to say. */
export function foundWords(work: CacheWork): string {
  return listOf([
    [work.repairedCount, "repaired"],
    // A repair is given what is damaged; it finds no more.
    [work.kind === "verify" ? work.damagedCount : 0, "damaged"],
    [work.changedCount, "changed since"],
    [work.missingCount, "missing"],
    [work.unprovenCount, "with nothing to compare with"],
    [work.failedCount, work.kind === "verify" ? "could not be read" : "could not be repaired"],
  ]);
}

function listOf(parts: readonly (readonly [number, string])[]): string {
  return parts
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${formatCount(count)} ${words}`)
    .join(", ");
}

/** How it ended, in whole sentences. */
export function resultWords(work: Ended, { bytes }: Formats): string {
  const found = foundWords(work);
  const fetched = work.fetchedBytes > 0 ? ` ${bytes(work.fetchedBytes)} fetched.` : "";
  return `${headOf(work, bytes)}${found === "" ? allIsWell(work) : ` ${capital(found)}.`}${fetched}`;
}

function headOf(work: Ended, bytes: Formats["bytes"]): string {
  const verb = work.kind === "verify" ? "Verified" : "Repair ended:";
  if (work.isStopped) {
    const noun = work.kind === "verify" ? "Verifying" : "Repairing";
    return `${noun} was stopped after ${formatCount(work.doneCount)} of ${entriesText(work.totalCount)}.`;
  }
  if (work.totalCount === 0)
    return work.kind === "verify"
      ? "There is nothing to verify."
      : "Nothing is known to be damaged.";
  return `${verb} ${entriesText(work.doneCount)}, ${bytes(work.doneBytes)}.`;
}

function allIsWell(work: Ended): string {
  if (work.doneCount === 0) return "";
  return work.kind === "verify" ? " All bytes are as they should be." : " Nothing needed repair.";
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether somebody has to look at it. */
export function isTroubled(work: CacheWork): boolean {
  const found = work.kind === "verify" ? work.damagedCount : 0;
  return found + work.changedCount + work.missingCount + work.failedCount > 0;
}
