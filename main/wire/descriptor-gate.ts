import { LonghaulError } from "#shared/errors.ts";
import { NO_DESCRIPTOR_CODES } from "../disk/open-patiently.ts";
import type { Clock } from "../flow/clock.ts";
import { Semaphore } from "../flow/semaphore.ts";

/** Without a refusal for so long, one more may go on at once. */
const CLIMB_AFTER_MS = 10_000;
/** What holds the descriptors is usually ours, and ends soon. */
const WAIT_MS = 100;
/** Refused so often in a row, longer than idle sockets are kept, it is somebody else who has them all. */
const MOST_REFUSALS = 100;

/**
 * Bounds how many orders that open files and sockets are under way. Without a bound until the
 * system refuses a descriptor; then half of what was under way, and one more every ten seconds.
 */
export class DescriptorGate {
  readonly #clock: Clock;
  readonly #relieve: () => void;
  readonly #gate = new Semaphore(Infinity);
  #limit = Infinity;
  #changedAtMs = 0;

  /** @param relieve Closes what is open and in no use; called when a descriptor was refused. */
  constructor(clock: Clock, relieve: () => void) {
    this.#clock = clock;
    this.#relieve = relieve;
  }

  get limit(): number {
    return this.#limit;
  }

  /**
   * Runs an order, which has had no effect when it is refused a descriptor, until it is not. Whoever
   * waits here has all else that it needs: nobody inside waits for what those outside hold.
   *
   * @throws what it threw last, `disk-failed` where that was for want of a descriptor; AbortError.
   */
  async run<T>(order: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let refusals = 1; ; refusals += 1) {
      const leave = await this.#gate.acquire(signal);
      try {
        const result = await order();
        this.#climb();
        return result;
      } catch (error) {
        if (!isOutOfDescriptors(error)) throw error;
        if (refusals >= MOST_REFUSALS) throw shortage(error);
        this.#lower();
      } finally {
        leave();
      }
      await this.#clock.sleep(WAIT_MS, signal);
    }
  }

  /** Orders that were refused together are one refusal. */
  #lower(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#limit !== Infinity && nowMs - this.#changedAtMs < WAIT_MS) return;
    // Files of those who wait at this gate are in no use either, and would keep it shut.
    this.#relieve();
    this.#set(Math.max(1, Math.floor(Math.min(this.#limit, this.#gate.heldCount) / 2)), nowMs);
  }

  #climb(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#limit === Infinity || nowMs - this.#changedAtMs < CLIMB_AFTER_MS) return;
    this.#set(this.#limit + 1, nowMs);
  }

  #set(limit: number, nowMs: number): void {
    this.#limit = limit;
    this.#changedAtMs = nowMs;
    this.#gate.setLimit(limit);
  }
}

/** Cause of the failure of orders whose thread died before it answered any. */
export const NEVER_BEGAN = "never-began";

/** The system had no descriptor for it, or none for the thread that was to do it. */
function isOutOfDescriptors(error: unknown): boolean {
  if (!(error instanceof LonghaulError)) return false;
  const { cause = "" } = error.details;
  return cause === NEVER_BEGAN || NO_DESCRIPTOR_CODES.has(cause);
}

/** The same of an error that is not classified: loaders and sockets say it in their message only. */
export function namesNoDescriptor(message: string): string | null {
  const [name = null] = /\b(?:EMFILE|ENFILE)\b/u.exec(message) ?? [];
  return name ?? (/too many open files/iu.test(message) ? "EMFILE" : null);
}

/** A thread that could not begin says in its own words why. */
function shortage(error: unknown): unknown {
  if (!(error instanceof LonghaulError) || error.details.cause !== NEVER_BEGAN) return error;
  const cause = namesNoDescriptor(error.message);
  if (cause === null) return error;
  return new LonghaulError("disk-failed", error.message, { details: { cause }, cause: error });
}
