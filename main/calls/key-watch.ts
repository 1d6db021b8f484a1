import type { Profile, ProfileId } from "#shared/profile.ts";
import type { Clock } from "../flow/clock.ts";
import type { KeyRing } from "../profiles/key-ring.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import type { TransferDesk } from "../transfers/transfer-desk.ts";
import type { TransferRecord } from "../transfers/transfer-record.ts";
import { profileIdOf } from "../transfers/transfer-spec.ts";

/**
 * A person who signs in with another program is soon seen to have done so; later less often, since
 * the program that is asked for the keys may itself ask the person each time.
 */
const LOOK_FIRST_AFTER_MS = 10_000;
const LOOK_AT_LEAST_EVERY_MS = 300_000;

type Ports = {
  readonly book: Pick<TransferBook, "list">;
  readonly desk: Pick<TransferDesk, "letGo">;
  readonly keys: Pick<KeyRing, "hasOthers">;
  readonly findProfile: (id: ProfileId) => Profile | undefined;
  readonly clock: Clock;
};

/** Lets the transfers that wait for keys go on as soon as there are others than were refused. */
export class KeyWatch {
  readonly #ports: Ports;
  /** When the keys of profiles that are waited for are looked at next. */
  readonly #looks = new Map<ProfileId, { readonly atMs: number; readonly thenAfterMs: number }>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Looks again and again until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // What fails is looked at again; a transfer that went meanwhile waits for nothing.
      await this.look(signal).catch(() => undefined);
      await this.#ports.clock.sleep(LOOK_FIRST_AFTER_MS, signal).catch(() => undefined);
    }
  }

  /** Asks the sources of keys that are waited for and due, each once. */
  async look(signal: AbortSignal): Promise<void> {
    const { findProfile, keys } = this.#ports;
    const ids = new Set(this.#waiting().map(({ spec }) => profileIdOf(spec)));
    for (const id of this.#looks.keys()) if (!ids.has(id)) this.#looks.delete(id);
    for (const id of ids) {
      const profile = this.#isDue(id) ? findProfile(id) : undefined;
      if (profile && (await keys.hasOthers(profile, signal))) await this.answered(id);
    }
  }

  #isDue(id: ProfileId): boolean {
    const nowMs = this.#ports.clock.nowMs();
    const { atMs, thenAfterMs } = this.#looks.get(id) ?? {
      atMs: nowMs,
      thenAfterMs: LOOK_FIRST_AFTER_MS,
    };
    if (nowMs < atMs) return false;
    const nextAfterMs = Math.min(2 * thenAfterMs, LOOK_AT_LEAST_EVERY_MS);
    this.#looks.set(id, { atMs: nowMs + thenAfterMs, thenAfterMs: nextAfterMs });
    return true;
  }

  /** A person changed the profile: all that wait for its keys go on. */
  async answered(id: ProfileId): Promise<void> {
    const waiting = this.#waiting().filter(({ spec }) => profileIdOf(spec) === id);
    await Promise.all(waiting.map(async (one) => await this.#ports.desk.letGo(one.id)));
  }

  #waiting(): readonly TransferRecord[] {
    return this.#ports.book
      .list()
      .filter(({ state }) => state.phase === "paused" && state.cause === "credentials");
  }
}
