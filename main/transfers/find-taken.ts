import { LonghaulError } from "#shared/errors.ts";
import type { MoveTools } from "../parts/ports.ts";
import type { ObjectInfo } from "../stores/store.ts";

/** What already is under a key; null when nothing is. */
export async function findTaken(
  key: string,
  { store, retry }: Pick<MoveTools, "store" | "retry">,
  signal: AbortSignal,
): Promise<ObjectInfo | null> {
  const attempt = async () => {
    try {
      return await store.stat(key, signal);
    } catch (error) {
      if (error instanceof LonghaulError && isUnseen(error)) return null;
      throw error;
    }
  };
  return await retry.run(null, attempt, signal);
}

/**
 * Nothing is there, or these keys may only write: then the store refuses what would replace
 * something, or cannot be asked, and the write is refused for that.
 */
function isUnseen({ code }: LonghaulError): boolean {
  return code === "object-missing" || code === "access-denied";
}
