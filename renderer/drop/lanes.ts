/**
 * Bounds what is under way at once. A small file takes one lane, a large one two, so that with six
 * lanes six small or three large requests run.
 */
export class Lanes {
  #free: number;
  readonly #waiting: { readonly weight: number; readonly start: () => void }[] = [];

  constructor(capacity: number) {
    this.#free = capacity;
  }

  /** Resolves when there is room, first come first served; the result gives the room back. */
  async take(weight: number): Promise<() => void> {
    if (this.#waiting.length > 0 || this.#free < weight) {
      await new Promise<void>((start) => this.#waiting.push({ weight, start }));
    } else {
      this.#free -= weight;
    }
    return () => this.#give(weight);
  }

  #give(weight: number): void {
    this.#free += weight;
    for (let next = this.#waiting[0]; next && next.weight <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.weight;
      next.start();
    }
  }
}
