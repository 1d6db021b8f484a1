import type { ProfileId } from "#shared/profile.ts";

/** By how much this machine's clock is off from the endpoints of profiles, where it is by minutes. */
export class SkewBook {
  readonly #aheadSeconds = new Map<ProfileId, number>();

  /** What a profile's view says of it. */
  of(id: ProfileId): { readonly clockAheadSeconds?: number } {
    const clockAheadSeconds = this.#aheadSeconds.get(id);
    return clockAheadSeconds === undefined ? {} : { clockAheadSeconds };
  }

  /** @param aheadMs 0: it is right again. @returns what the log says of it. */
  note({ id, name }: { readonly id: ProfileId; readonly name: string }, aheadMs: number): string {
    if (aheadMs === 0) {
      this.#aheadSeconds.delete(id);
      return `this machine's clock is right again, by that of ${name}`;
    }
    this.#aheadSeconds.set(id, Math.round(aheadMs / 1000));
    const minutes = Math.round(Math.abs(aheadMs) / 60_000);
    const side = aheadMs > 0 ? "ahead of" : "behind";
    return `this machine's clock is ${minutes} min ${side} that of ${name}; requests are signed with the latter`;
  }

  /** The profile may be of another endpoint now. */
  forget(id: ProfileId): void {
    this.#aheadSeconds.delete(id);
  }
}
