import { LonghaulError } from "#shared/errors.ts";

/** A person waits for it. */
const CALL_DEADLINE_MS = 30_000;

/** What a person waits for. @throws {LonghaulError} `unreachable` when no answer comes in time. */
export async function soon<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
  try {
    return await ask(signal);
  } catch (error) {
    if (!signal.aborted || error instanceof LonghaulError) throw error;
    const message = `no answer within ${CALL_DEADLINE_MS / 1000} s`;
    throw new LonghaulError("unreachable", message, { cause: error });
  }
}
