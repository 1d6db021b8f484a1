/** Files that somebody reads now: they are not evicted meanwhile. */
export class HeldPaths {
  readonly #holds = new Map<string, number>();

  has(path: string): boolean {
    return this.#holds.has(path);
  }

  /** @returns the way to let go, safe to call twice. */
  hold(path: string): () => void {
    this.#holds.set(path, (this.#holds.get(path) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#holds.get(path) ?? 1) - 1;
      if (left === 0) this.#holds.delete(path);
      else this.#holds.set(path, left);
    };
  }
}
