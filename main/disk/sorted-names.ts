/** Names that are sorted at once: a hundredth of a second of the event loop. */
const RUN_NAMES = 10_000;
/** In no name of a file, and below every other character. */
const SEPARATOR = "\0";

/**
 * The names of one folder, one character for each byte, in the order of their bytes. A folder may
 * have a million: they are sorted a run at a time, as they come, and each run is kept as one string,
 * so that they neither hold up the event loop nor take more memory than their characters.
 */
export class SortedNames implements Iterable<string> {
  readonly #runs: string[] = [];
  #last: string[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(name: string): void {
    this.#last.push(name);
    this.#size += 1;
    if (this.#last.length >= RUN_NAMES) this.#endRun();
  }

  /** All that were added so far, once each. */
  [Symbol.iterator](): Iterator<string> {
    this.#endRun();
    return mergeAll(this.#runs)[Symbol.iterator]();
  }

  #endRun(): void {
    if (this.#last.length === 0) return;
    this.#runs.push(this.#last.toSorted(byBytes).join(SEPARATOR));
    this.#last = [];
  }
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function mergeAll(runs: readonly string[]): Iterable<string> {
  if (runs.length <= 1) return namesOf(runs[0] ?? null);
  const half = runs.length >> 1;
  return merge(mergeAll(runs.slice(0, half)), mergeAll(runs.slice(half)));
}

function* namesOf(run: string | null): Generator<string> {
  if (run === null) return;
  for (let start = 0; start <= run.length;) {
    const found = run.indexOf(SEPARATOR, start);
    const end = found === -1 ? run.length : found;
    yield run.slice(start, end);
    start = end + 1;
  }
}

function* merge(one: Iterable<string>, other: Iterable<string>): Generator<string> {
  const [left, right] = [one[Symbol.iterator](), other[Symbol.iterator]()];
  let [a, b] = [left.next(), right.next()];
  while (a.done !== true && b.done !== true) {
    if (byBytes(a.value, b.value) < 0) {
      yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
  for (; a.done !== true; a = left.next()) yield a.value;
  for (; b.done !== true; b = right.next()) yield b.value;
}
