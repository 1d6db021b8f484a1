import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "./disk-errors.ts";

/** Which refusals of the system pass, and the waits between tries, in milliseconds. */
export type Patience = { readonly codes: ReadonlySet<string>; readonly waitsMs: readonly number[] };

/** Another program holds the file: a scanner lets go of it soon. */
export const WHILE_HELD: Patience = {
  codes: new Set(["EBUSY"]),
  waitsMs: [100, 200, 400, 800, 1600],
};

/** This process, or the whole system, has no descriptor left. */
export const NO_DESCRIPTOR_CODES: ReadonlySet<string> = new Set(["EMFILE", "ENFILE"]);

/** What holds the descriptors is usually ours, and ends soon. */
export const WITHOUT_DESCRIPTOR: Patience = {
  codes: NO_DESCRIPTOR_CODES,
  waitsMs: [100, 200, 400, 800, 1600],
};

/**
 * Opens something, again a few times while the system refuses for a reason that passes.
 *
 * @throws what `open` threw last.
 */
export async function openPatiently<T>(
  open: () => Promise<T>,
  { codes, waitsMs }: Patience,
): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await open();
    } catch (error) {
      if (!codes.has(systemCode(error) ?? "")) throw error;
      await sleep(waitMs);
    }
  }
  return await open();
}
