import { LonghaulError } from "#shared/errors.ts";
import { startDeadline } from "../flow/deadline.ts";
import type { Wire } from "../wire/wire.ts";

/** A disk that takes longer to flush 64 MiB will not come back. */
const DEADLINE_MS = 5 * 60_000;

/**
 * Makes a file's bytes durable, also while everything else is being aborted: what has arrived is to
 * be kept.
 *
 * @param isLast As in `Wire.sync`.
 * @throws {LonghaulError} `disk-failed`, `disk-full`.
 */
export async function syncWithin(
  wire: Pick<Wire, "sync">,
  path: string,
  isLast: boolean,
): Promise<void> {
  const deadline = startDeadline(DEADLINE_MS);
  try {
    await wire.sync(path, deadline.signal, isLast);
  } catch (error) {
    if (!deadline.signal.aborted) throw error;
    throw new LonghaulError("disk-failed", `${path} cannot be flushed`, {
      details: { path, cause: "ETIMEDOUT" },
      cause: error,
    });
  } finally {
    deadline.end();
  }
}
