import type { Profile, ProfileId } from "#shared/profile.ts";
import type { Clock } from "../flow/clock.ts";
import type { KeyRing } from "../profiles/key-ring.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import type { TransferDesk } from "../transfers/transfer-desk.ts";
import type { TransferRecord } from "../transfers/transfer-record.ts";
import { profileIdOf } from "../transfers/transfer-spec.ts";

/** A person who signs in with another program is seen to have done so within this time. */
const LOOK_EVERY_MS = 10_000;

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

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Looks again and again until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // What fails is looked at again; a transfer that went meanwhile waits for nothing.
      await this.look(signal).catch(() => undefined);
      await this.#ports.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  /** Asks the sources of keys that are waited for, each once. */
  async look(signal: AbortSignal): Promise<void> {
    const { findProfile, keys } = this.#ports;
    const ids = new Set(this.#waiting().map(({ spec }) => profileIdOf(spec)));
    for (const id of ids) {
      const profile = findProfile(id);
      if (profile && (await keys.hasOthers(profile, signal))) await this.answered(id);
    }
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
