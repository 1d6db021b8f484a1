import type { LentProfile } from "#shared/local-protocol.ts";
import type { Profile, ProfileId } from "#shared/profile.ts";
import type { CredentialProvider } from "./credentials.ts";
import type { ProfileBook } from "./profile-book.ts";
import { LonghaulError } from "#shared/errors.ts";
import { fixedCredentials } from "./credentials.ts";

type Lent = LentProfile & { holders: number };

/** Profiles, and keys, that other processes know and this one only holds in memory. */
export class LentProfiles {
  readonly #saved: Pick<ProfileBook, "find">;
  readonly #lent = new Map<ProfileId, Lent>();

  constructor(saved: Pick<ProfileBook, "find">) {
    this.#saved = saved;
  }

  /** A saved one, or else one that is lent. */
  find(id: ProfileId): Profile | undefined {
    return this.#saved.find(id) ?? this.#lent.get(id)?.profile;
  }

  /** Null: none were lent with it, so they are where its profile says. */
  credentials(id: ProfileId): CredentialProvider | null {
    const keys = this.#saved.find(id) ? null : (this.#lent.get(id)?.keys ?? null);
    return keys === null ? null : fixedCredentials(keys);
  }

  /**
   * Newer keys replace older ones, as temporary keys do all day; but one transfer is never signed
   * with the keys of two accounts.
   *
   * @throws {LonghaulError} `invalid` when other lasting keys are lent for the same place.
   */
  hold(lent: LentProfile): void {
    const { id } = lent.profile;
    const before = this.#lent.get(id);
    if (before !== undefined && areOthers(before, lent)) throw otherKeys(lent.profile);
    this.#lent.set(id, { ...lent, holders: (before?.holders ?? 0) + 1 });
  }

  release(id: ProfileId): void {
    const lent = this.#lent.get(id);
    if (lent !== undefined) lent.holders -= 1;
  }

  /** Those that no process holds any more. */
  unheld(): readonly ProfileId[] {
    return [...this.#lent].filter(([, { holders }]) => holders === 0).map(([id]) => id);
  }

  drop(id: ProfileId): void {
    this.#lent.delete(id);
  }
}

function areOthers(before: LentProfile, after: LentProfile): boolean {
  if (before.keys === null || after.keys === null) return before.keys !== after.keys;
  const areTemporary = before.keys.sessionToken !== null && after.keys.sessionToken !== null;
  return !areTemporary && before.keys.accessKeyId !== after.keys.accessKeyId;
}

function otherKeys({ name }: Profile): LonghaulError {
  return new LonghaulError(
    "invalid",
    `an unfinished transfer uses other keys for ${name}; wait for it, or save a profile with these keys and name it with --profile`,
    { details: { profile: name } },
  );
}
