/** Bytes that may be sent to a key that turns out to be taken: about what asking first costs. */
const SENT_UNSEEN_BYTES = 256 * 1024;

/**
 * Whether to ask what is under a key before a file goes there. For a small file asking takes as long
 * as sending it, and a store refuses what would replace something anyway. So in a run that meets
 * free keys small files are sent unasked, until one is refused; where keys are taken, as when a
 * folder goes up a second time, every one is asked about, until one is free.
 */
export class KeyGuess {
  #isTaken = false;

  /** How the last key turned out. */
  met(isTaken: boolean): void {
    this.#isTaken = isTaken;
  }

  asksFirst(sizeBytes: number): boolean {
    return this.#isTaken || sizeBytes > SENT_UNSEEN_BYTES;
  }
}
