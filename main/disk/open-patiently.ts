import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "./disk-errors.ts";

/** Waits between tries, in milliseconds: a scanner lets go of a file, others close theirs. */
const WAITS_MS = [100, 200, 400, 800, 1600];

/** Another program holds the file. */
export const HELD_CODES: ReadonlySet<string> = new Set(["EBUSY"]);
/** This process, or the whole system, has no descriptor left. */
export const NO_DESCRIPTOR_CODES: ReadonlySet<string> = new Set(["EMFILE", "ENFILE"]);

/**
 * Opens something, again a few times while the system refuses for a reason that passes.
 *
 * @throws what `open` threw last.
 */
export async function openPatiently<T>(
  open: () => Promise<T>,
  passing: ReadonlySet<string>,
  waitsMs: readonly number[] = WAITS_MS,
): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await open();
    } catch (error) {
      if (!passing.has(systemCode(error) ?? "")) throw error;
      await sleep(waitMs);
    }
  }
  return await open();
}
