import type { TransferId } from "#shared/transfer.ts";
import type { Clock } from "../flow/clock.ts";
import type { Discard } from "./discard-items.ts";
import type { TransferBook } from "./transfer-book.ts";
import type { TransferRecord } from "./transfer-record.ts";
import { isAbort } from "#shared/errors.ts";
import { isListed, isUnwanted } from "./transfer-state.ts";

/** How long a store that did not answer is left alone. */
const REST_MS = 60_000;

type Ports = {
  readonly book: TransferBook;
  readonly discard: Discard;
  /** Whether the store of a transfer can be asked at all: its profile may be another command's. */
  readonly canAsk: (record: TransferRecord) => boolean;
  readonly clock: Clock;
  /** Told what went wrong with the transfer of this name. */
  readonly onTrouble: (name: string, error: unknown) => void;
};

/**
 * Sees to it that what canceled transfers left is removed in the end. That a transfer is canceled
 * and keeps nothing is in the journal before anything is removed, so a crash forgets none.
 */
export class Leftovers {
  readonly #ports: Ports;
  readonly #left = new Set<TransferId>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Removes what a transfer left, now as far as it can be, and the rest later. */
  async discard(record: TransferRecord): Promise<void> {
    this.#left.add(record.id);
    if (!(await this.#ports.discard(record))) return;
    this.#left.delete(record.id);
    // Off the list already, and now there is nothing to remember any more.
    const now = this.#ports.book.find(record.id);
    if (now && isUnwanted(now.state) && !isListed(now.state)) {
      await this.#ports.book.remove(record.id);
    }
  }

  /** Removes what earlier runs left, and what is left now, until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { book, clock } = this.#ports;
    for (const { id, state } of book.list()) if (isUnwanted(state)) this.#left.add(id);
    while (!signal.aborted) {
      for (const id of this.#left) await this.#retry(id, signal);
      await clock.sleep(REST_MS, signal).catch(() => undefined);
    }
  }

  async #retry(id: TransferId, signal: AbortSignal): Promise<void> {
    const { book, onTrouble } = this.#ports;
    const record = book.find(id);
    if (signal.aborted || (record && !this.#ports.canAsk(record))) return;
    if (!record || !isUnwanted(record.state)) {
      this.#left.delete(id);
      return;
    }
    try {
      await this.discard(record);
    } catch (error) {
      if (!isAbort(error)) onTrouble(record.name, error);
    }
  }
}
