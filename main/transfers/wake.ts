/** Lets one waiter sleep until something it cares about may have changed. */
export class Wake {
  #isSet = false;
  #resolve: (() => void) | null = null;

  /** Ends the wait under way, or the next one at once. */
  wake(): void {
    this.#isSet = true;
    this.#resolve?.();
  }

  /** @throws AbortError */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isSet) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => reject(signal.reason);
        this.#resolve = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        signal.addEventListener("abort", onAbort, { once: true });
      });
    }
    this.#isSet = false;
    this.#resolve = null;
  }
}
