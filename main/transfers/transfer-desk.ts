import type { ConflictAnswer, TransferId } from "#shared/transfer.ts";
import type { Hold } from "./hold.ts";
import type { Journal } from "./journal.ts";
import type { TransferBook } from "./transfer-book.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { TransferRunner } from "./transfer-runner.ts";
import type { TransferSpec } from "./transfer-spec.ts";
import type { TransferState } from "./transfer-state.ts";
import type { Clock } from "../flow/clock.ts";
import { TransferId as TransferIds } from "#shared/transfer.ts";
import { answerItems } from "./answer-items.ts";
import { hasBegun } from "./unfinished.ts";
import { agreementOf, newRecord } from "./transfer-record.ts";
import { positionFor } from "./slots.ts";
import { nameOf, specKey } from "./transfer-spec.ts";
import { isSettled, isUnwanted } from "./transfer-state.ts";

type Ports = {
  readonly book: TransferBook;
  readonly runner: TransferRunner;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Removes what a canceled transfer left, now or later. */
  readonly discard: (record: TransferRecord) => Promise<void>;
  /** Told before a transfer goes on, so that a process that runs only its own may run it. */
  readonly adopt: (id: TransferId) => void;
  readonly hold: Hold;
  /** What waits to try again tries now. */
  readonly retryNow: () => void;
};

/** What a person does with transfers: every wish becomes an event of the book, then runs are told. */
export class TransferDesk {
  readonly #ports: Ports;
  readonly #canceling = new Map<TransferId, Promise<void>>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Queues a transfer, or goes on with the unfinished one of the same source and destination. */
  async start(spec: TransferSpec): Promise<{ id: TransferId; isContinued: boolean }> {
    const same = this.#findUnfinished(spec);
    if (same !== null) {
      await this.#continue(same, spec);
      return { id: same, isContinued: true };
    }
    const { book, clock, adopt, runner } = this.#ports;
    const id = TransferIds.parse(crypto.randomUUID());
    const last = book.upcoming().at(-1)?.position ?? 0;
    adopt(id);
    await book.add(
      newRecord(id, spec, nameOf(spec), { position: last + 1, wallMs: clock.wallMs() }),
    );
    runner.wake();
    return { id, isContinued: false };
  }

  async pause(id: TransferId): Promise<void> {
    const { book, runner } = this.#ports;
    if (await book.apply(id, { type: "paused", cause: "user", error: null })) await runner.stop(id);
    runner.wake();
  }

  /** "Start now": as `goOn`, and also in hours in which the week lets nothing move. */
  async resume(id: TransferId): Promise<void> {
    this.#ports.hold.exempt(id);
    await this.goOn(id);
  }

  /** This engine runs it from now on, if it is one to be run; its place and its state stay. */
  takeUp(id: TransferId): void {
    this.#ports.adopt(id);
    this.#ports.runner.wake();
  }

  /** What it waited for is there. What failed in it meanwhile is for a person to try again. */
  async letGo(id: TransferId): Promise<void> {
    const { book, runner } = this.#ports;
    if (await book.apply(id, { type: "queued" })) runner.wake();
  }

  /** Goes on: from a pause, after a failure, or at once when it waits for a retry. */
  async goOn(id: TransferId): Promise<void> {
    const { book, runner, adopt, retryNow } = this.#ports;
    adopt(id);
    const { state, totals } = book.get(id);
    if (isOver(state)) return;
    if (totals.counts.failed > 0) await book.requeueItems(id, ["failed"]);
    runner.notice(id);
    if (state.phase === "queued") await this.move(id, "top");
    else if (!(await book.apply(id, { type: "queued" }))) retryNow();
    runner.wake();
  }

  /**
   * Takes it off the list. While something of it is left here or at the store it stays in the
   * journal, among what is unfinished: it must not be forgotten.
   */
  async clear(id: TransferId): Promise<void> {
    const { book, journal } = this.#ports;
    const record = book.find(id);
    if (!record || !isSettled(record.state)) return;
    if (await hasBegun(journal, record)) await book.apply(id, { type: "cleared" });
    else await book.remove(id);
  }

  /** At most this fast from now on, also after a restart; null is no cap of its own. */
  async cap(id: TransferId, bytesPerSecond: number | null): Promise<void> {
    const { book, runner } = this.#ports;
    book.get(id);
    await book.count(id, (counters) => ({ ...counters, capBytesPerSecond: bytesPerSecond }));
    runner.capTo(id, bytesPerSecond);
  }

  /** Ends it, or what it kept. Without `keepParts` everything it moved that is not finished is removed, here and there. */
  async cancel(id: TransferId, keepParts: boolean): Promise<void> {
    const before = this.#canceling.get(id);
    const cancel = async () => await this.#cancel(id, keepParts);
    const canceling = before === undefined ? cancel() : before.then(cancel, cancel);
    this.#canceling.set(id, canceling);
    await canceling.finally(() => {
      if (this.#canceling.get(id) === canceling) this.#canceling.delete(id);
    });
  }

  /** Until each cancel that was asked for has removed what it can: an engine does not end before. */
  async canceled(): Promise<void> {
    await Promise.allSettled(this.#canceling.values());
  }

  async #cancel(id: TransferId, keepParts: boolean): Promise<void> {
    const { book, runner, discard } = this.#ports;
    const isNews = await book.apply(id, { type: "canceled", isKept: keepParts });
    // Once more is a wish, too: what could not be removed the first time is tried now.
    if (!isNews && (keepParts || !isUnwanted(book.get(id).state))) return;
    await runner.stop(id);
    runner.wake();
    if (!keepParts) await discard(book.get(id));
  }

  async move(id: TransferId, to: "top" | "up" | "down" | "bottom"): Promise<void> {
    const { book, runner } = this.#ports;
    const { position } = book.get(id);
    const others = book.list().filter((record) => record.id !== id && !isSettled(record.state));
    await book.setPosition(
      id,
      positionFor(
        others.map((one) => one.position),
        position,
        to,
      ),
    );
    runner.wake();
  }

  /** Answers the conflicts that wait, and with `forAll` those to come. */
  async answer(id: TransferId, answer: ConflictAnswer, forAll: boolean): Promise<void> {
    const { book, journal, runner, adopt } = this.#ports;
    adopt(id);
    if (forAll) await book.count(id, (counters) => ({ ...counters, rule: answer }));
    await answerItems(journal, id, answer);
    await book.requeueItems(id, ["asking"]);
    await book.apply(id, { type: "queued" });
    runner.notice(id);
    runner.wake();
  }

  /** The wish of now holds: also what to do about conflicts that the earlier one asked about. */
  async #continue(id: TransferId, spec: TransferSpec): Promise<void> {
    const { book } = this.#ports;
    const { onConflict } = spec;
    const isReadBack = spec.kind !== "drop" && spec.readBack;
    const wish = { rule: onConflict, isReadBack, agreed: agreementOf(spec) };
    await book.count(id, (counters) => ({ ...counters, ...wish }));
    if (onConflict !== "ask") await book.requeueItems(id, ["asking"]);
    await this.goOn(id);
  }

  #findUnfinished(spec: TransferSpec): TransferId | null {
    const key = specKey(spec);
    if (key === null) return null;
    // Also one that is only just being added: two wishes at once are still one transfer.
    const same = this.#ports.book
      .upcoming()
      .filter((record) => specKey(record.spec) === key)
      .find(({ state }) => !isSettled(state) || isWorthResuming(state));
    return same?.id ?? null;
  }
}

/** Nothing of it is left to go on with. */
function isOver(state: TransferState): boolean {
  return state.phase === "done" || isUnwanted(state);
}

/** What failed, or was stopped with its parts kept, has something to go on with. */
function isWorthResuming(state: { readonly phase: string; readonly isKept?: boolean }): boolean {
  return state.phase === "failed" || (state.phase === "canceled" && state.isKept === true);
}
