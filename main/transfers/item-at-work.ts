import type { ItemProgress } from "./item-progress.ts";
import type { ItemRow } from "./journal.ts";
import type { ItemResume } from "./item-record.ts";
import type { ItemOutcome } from "./outcome.ts";
import type { Run } from "./run-ports.ts";
import type { ItemTally } from "./transfer-book.ts";
import { isOfArrivals, readResume } from "./item-record.ts";

/** One item under way: its row as the journal last confirmed it to us, and what it does now. */
export class ItemAtWork {
  readonly run: Run;
  readonly progress: ItemProgress;
  #row: ItemRow;
  #resume: ItemResume;

  constructor(run: Run, row: ItemRow, progress: ItemProgress) {
    this.run = run;
    this.progress = progress;
    this.#row = row;
    this.#resume = readResume(row.resume);
  }

  get row(): ItemRow {
    return this.#row;
  }

  get resume(): ItemResume {
    return this.#resume;
  }

  /** Keeps what it goes on with, and how far it is, as of now. */
  async saveResume(change: Partial<ItemResume>): Promise<void> {
    this.#resume = { ...this.#resume, ...change };
    const { transferId, index } = this.#row;
    // Straight to the journal: the book counts an item under way when it comes to rest.
    await this.run.ports.journal.commit([
      {
        type: "item-changed",
        transferId,
        index,
        resume: this.#resume,
        doneBytes: this.#restingBytes(),
      },
    ]);
  }

  /** Its file or object is another than the row says. */
  async replaceSource(source: unknown, sizeBytes: number): Promise<void> {
    await this.#change({ source, sizeBytes });
  }

  /** Comes to rest with an outcome. */
  async settle(outcome: ItemOutcome): Promise<void> {
    const { sizeBytes } = this.#row;
    const { movedTwiceBytes } = this.progress;
    switch (outcome.kind) {
      case "done": {
        const { receipt, note, entry = null } = outcome;
        const change = { phase: "done", doneBytes: sizeBytes, receipt, note, error: null } as const;
        const also = { movedTwiceBytes, rung: receipt.rung, entry, sync: "move" } as const;
        return await this.#change(change, { ...also, ...this.#arrived("done") });
      }
      case "skipped": {
        const { note, entry = null, isOther = false } = outcome;
        // Whoever compared it says what it is a copy of.
        const sync = outcome.entry === undefined ? undefined : "same";
        const kept = { doneBytes: sizeBytes, keptBytes: sizeBytes };
        return await this.#change(
          { phase: "skipped", ...kept, note, error: null },
          { entry, sync, isOther, ...this.#arrived("skipped") },
        );
      }
      case "would-move": {
        const change = { phase: "skipped", note: outcome.note, error: null } as const;
        return await this.#change(change, { sync: "move" });
      }
      case "asking":
        return await this.#change({ phase: "asking" });
      case "failed": {
        const { error } = outcome;
        const doneBytes = this.#restingBytes();
        if (error.code === "object-changed") this.#resume = { ...this.#resume, isChangeSaid: true };
        const change = { phase: "failed", doneBytes, error, resume: this.#resume } as const;
        return await this.#change(change, { movedTwiceBytes });
      }
      default:
        return outcome satisfies never;
    }
  }

  /** Waits again where it is: it was stopped, not finished. */
  async putBack(): Promise<void> {
    const { movedTwiceBytes } = this.progress;
    await this.#change({ doneBytes: this.#restingBytes() }, { movedTwiceBytes });
  }

  /** What was packed of comes to rest with it, in one commit. */
  #arrived(to: "done" | "skipped"): ItemTally {
    return isOfArrivals(this.#row.source) ? { arrived: to } : {};
  }

  async #change(
    change: Partial<Omit<ItemRow, "transferId" | "index">>,
    also: ItemTally = {},
  ): Promise<void> {
    const before = this.#row;
    await this.run.ports.book.changeItem(before, change, also);
    this.#row = { ...before, ...change };
  }

  #restingBytes(): number {
    return Math.min(this.#row.sizeBytes, this.progress.restingBytes);
  }
}
