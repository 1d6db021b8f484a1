import type { LentProfile } from "#shared/local-protocol.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { RenewKeys } from "../engine-host.ts";
import type { LentProfiles } from "../profiles/lent-profiles.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import type { TransferDesk } from "../transfers/transfer-desk.ts";
import type { TransferState } from "../transfers/transfer-state.ts";
import type { StoreShelf } from "./store-shelf.ts";

type Ports = {
  readonly lent: LentProfiles;
  readonly shelf: Pick<StoreShelf, "forget">;
  readonly book: Pick<TransferBook, "upcoming">;
  readonly desk: Pick<TransferDesk, "resume" | "takeUp">;
  readonly isInUse: (id: ProfileId) => boolean;
};

/** Holds what other processes lend, for as long as they or their transfers need it. */
export class Lender {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** As `LocalDoor.lend` says. */
  async lend(
    lending: readonly LentProfile[],
    started: readonly TransferId[],
    renew: RenewKeys = async () => null,
  ): Promise<() => void> {
    const { lent, shelf } = this.#ports;
    this.sweep();
    const held: (() => void)[] = [];
    const giveBack = () => {
      for (const release of held.splice(0)) release();
      this.sweep();
    };
    try {
      for (const one of lending) {
        held.push(lent.hold(one, async () => await renew(one.profile.id)));
        // What is open was opened with the keys of before, or could not be.
        shelf.forget(one.profile.id);
      }
      await this.#goOn(started);
    } catch (error) {
      giveBack();
      throw error;
    }
    return giveBack;
  }

  /** Lets go of what nobody needs any more. */
  sweep(): void {
    const { lent, shelf, isInUse } = this.#ports;
    for (const id of lent.unheld()) {
      if (isInUse(id)) continue;
      lent.drop(id);
      shelf.forget(id);
    }
  }

  /**
   * A command's engine runs nothing but what it is told to; and between two owners a transfer may
   * have run without the profile that comes now.
   */
  async #goOn(started: readonly TransferId[]): Promise<void> {
    const { book, desk } = this.#ports;
    const ids = new Set(started);
    for (const { id, state } of book.upcoming()) {
      if (!ids.has(id)) continue;
      if (hasMissedProfile(state)) await desk.resume(id);
      else desk.takeUp(id);
    }
  }
}

function hasMissedProfile(state: TransferState): boolean {
  if (state.phase === "paused") return state.cause === "credentials";
  return state.phase === "failed" && state.error.code === "profile-missing";
}
