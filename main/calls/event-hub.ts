import type { HostEvent } from "#shared/contract.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";

/** Progress, at most four times a second, whatever happens. */
const APART_MS = 250;
/** What began, waits or ended: a command ends with it, and a person looks for it. */
const NEWS_APART_MS = 20;

type Status = Omit<Extract<HostEvent, { type: "status" }>, "type">;

/** Tells listeners what changed: transfers in batches, everything else as it comes. */
export class EventHub {
  readonly #viewOf: (id: TransferId) => TransferView | null;
  readonly #listeners = new Set<(event: HostEvent) => void>();
  readonly #changed = new Set<TransferId>();
  readonly #withItems = new Set<TransferId>();
  #timer: NodeJS.Timeout | null = null;
  /** The timer is set for news. */
  #isSoon = false;
  #isClosed = false;
  #status = "";

  /** @param viewOf Null for a transfer that is gone. */
  constructor(viewOf: (id: TransferId) => TransferView | null) {
    this.#viewOf = viewOf;
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * A transfer changed; its items too, as far as anybody here knows.
   *
   * @param isNews It is in another phase than before.
   */
  changed(id: TransferId, isNews = false): void {
    if (this.#isClosed) return;
    this.#changed.add(id);
    this.#withItems.add(id);
    if (this.#timer !== null && (this.#isSoon || !isNews)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#isSoon = isNews;
    this.#timer = setTimeout(() => this.#flush(), isNews ? NEWS_APART_MS : APART_MS).unref();
  }

  emit(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Tells the status when it is another than before. */
  status(status: Status): void {
    const text = JSON.stringify(status);
    // Trouble is told again and again: who comes late must hear of it, too.
    if (text === this.#status && status.homeTrouble === null) return;
    this.#status = text;
    this.emit({ type: "status", ...status });
  }

  /** Says what waits to be said, and nothing more. */
  close(): void {
    if (this.#timer) this.#flush();
    this.#isClosed = true;
    this.#listeners.clear();
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const changed: TransferView[] = [];
    const removed: TransferId[] = [];
    for (const id of this.#changed) {
      const view = this.#viewOf(id);
      if (view) changed.push(view);
      else removed.push(id);
    }
    this.emit({ type: "transfers", changed, removed });
    this.emit({ type: "items", ids: [...this.#withItems] });
    this.#changed.clear();
    this.#withItems.clear();
  }
}
