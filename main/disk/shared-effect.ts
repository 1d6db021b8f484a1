/**
 * Runs an effect that serves everyone who asked before it began. Who asks while one is under way
 * shares the next one with all others who do: a thousand askers cost a few effects, and nobody is
 * answered by one that began too early for him.
 */
export class SharedEffect<T> {
  readonly #effect: (key: string) => Promise<T>;
  readonly #running = new Map<string, Promise<T>>();
  readonly #next = new Map<string, Promise<T>>();

  constructor(effect: (key: string) => Promise<T>) {
    this.#effect = effect;
  }

  /** @throws what the effect throws, for each who shares it. */
  async run(key: string): Promise<T> {
    const running = this.#running.get(key);
    if (running === undefined) return await this.#start(key);
    const next = this.#next.get(key) ?? this.#startAfter(running, key);
    return await next;
  }

  async #start(key: string): Promise<T> {
    const effect = this.#effect(key);
    this.#running.set(key, effect);
    try {
      return await effect;
    } finally {
      if (this.#running.get(key) === effect) this.#running.delete(key);
    }
  }

  #startAfter(running: Promise<T>, key: string): Promise<T> {
    const begin = async (): Promise<T> => {
      // Its failure is for those who share it.
      await running.catch(() => undefined);
      this.#next.delete(key);
      return await this.#start(key);
    };
    const next = begin();
    this.#next.set(key, next);
    return next;
  }
}
