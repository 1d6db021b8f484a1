import type { TransferId } from "#shared/transfer.ts";

/** Whether the week lets nothing move now, and what a person started all the same. */
export class Hold {
  #isOn = false;
  readonly #started = new Set<TransferId>();

  get isOn(): boolean {
    return this.#isOn;
  }

  /** What was started all the same is so until the next change. Returns whether anything changed. */
  set(isOn: boolean): boolean {
    if (isOn === this.#isOn) return false;
    this.#isOn = isOn;
    this.#started.clear();
    return true;
  }

  /** "Start now" of one transfer. */
  exempt(id: TransferId): void {
    if (this.#isOn) this.#started.add(id);
  }

  holds(id: TransferId): boolean {
    return this.#isOn && !this.#started.has(id);
  }
}
