import { acquireBoth } from "../flow/acquire-both.ts";
import type { MoveTools } from "./ports.ts";

/**
 * The right to send one request: under a cap first its turn, so that what waits for that holds no
 * connection that others could use. Resolves with the way to give it back.
 *
 * @throws AbortError
 */
export async function takeTurn(
  { meter, slots }: Pick<MoveTools, "meter" | "slots">,
  signal: AbortSignal,
): Promise<() => void> {
  return await acquireBoth(
    () => meter.enter(signal),
    () => slots.acquire(signal),
  );
}
