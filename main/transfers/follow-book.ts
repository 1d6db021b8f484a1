import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import type { FollowRun } from "#shared/follow.ts";
import { Follow, FollowId, FOLLOWS_MAX } from "#shared/follow.ts";
import type { DocumentFile } from "../profiles/document-file.ts";

/** What a person asks for; the rest of a follow is how it went. */
export type Followed = Omit<Follow, "id" | "nextAtMs" | "failures" | "last">;

/** What follows its source, kept with the settings. */
export class FollowBook {
  readonly #document: DocumentFile;
  readonly #listeners = new Set<() => void>();
  #follows: readonly Follow[];

  constructor(document: DocumentFile) {
    this.#document = document;
    // What one of them cannot be read for must not end the others.
    const kept = z.array(z.unknown()).safeParse(document.read("follows") ?? []);
    const read = (kept.data ?? []).map((one) => Follow.safeParse(one));
    this.#follows = read.flatMap(({ data }) => data ?? []);
  }

  list(): readonly Follow[] {
    return this.#follows;
  }

  find(id: FollowId): Follow | undefined {
    return this.#follows.find((one) => one.id === id);
  }

  /**
   * Adds it, or changes the one of the same source and folder; it runs at once.
   *
   * @throws {LonghaulError} `invalid` where there are too many.
   */
  set(followed: Followed, nowMs: number): FollowId {
    const same = this.#follows.find((one) => placeOf(one) === placeOf(followed));
    if (same === undefined && this.#follows.length >= FOLLOWS_MAX) {
      throw new LonghaulError("invalid", `more than ${FOLLOWS_MAX} cannot be followed`);
    }
    const id = same?.id ?? FollowId.parse(crypto.randomUUID());
    const next = { ...followed, id, nextAtMs: nowMs, failures: 0, last: same?.last ?? null };
    this.#write([...this.#follows.filter((one) => one.id !== id), next]);
    return id;
  }

  /** The files stay. */
  remove(id: FollowId): void {
    this.#write(this.#follows.filter((one) => one.id !== id));
  }

  /** Keeps how a run ended; null where there is nothing to say of it. */
  ran(id: FollowId, run: FollowRun | null, nextAtMs: number): void {
    const next = this.#follows.map((one) => {
      if (one.id !== id) return one;
      if (run === null) return { ...one, nextAtMs };
      const failures = run.error === null ? 0 : one.failures + 1;
      return { ...one, last: run, failures, nextAtMs };
    });
    this.#write(next);
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #write(follows: readonly Follow[]): void {
    this.#document.write("follows", follows);
    this.#follows = follows;
    for (const listener of this.#listeners) listener();
  }
}

function placeOf({ profileId, bucket, key, folder }: Followed): string {
  return JSON.stringify([profileId, bucket, key, folder]);
}
