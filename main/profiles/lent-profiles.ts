import type { LentKeys, LentProfile } from "#shared/local-protocol.ts";
import type { Profile, ProfileId } from "#shared/profile.ts";
import type { Clock } from "../flow/clock.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import type { ProfileBook } from "./profile-book.ts";
import { LonghaulError } from "#shared/errors.ts";
import { CachedCredentials } from "./cached-credentials.ts";
import { isSameKeys } from "./same-keys.ts";

/** Asks one process for its keys anew; null: it has none any more, or is gone. */
type Renew = () => Promise<LentKeys | null>;

type Lent = Pick<LentProfile, "profile"> & {
  keys: LentKeys | null;
  readonly holders: Set<Renew>;
  /** The server did not take the keys: only others help. */
  isRefused: boolean;
};

type Ports = {
  readonly saved: Pick<ProfileBook, "find">;
  readonly clock: Clock;
  /** As `EngineHost.hide`. */
  readonly hide: (secret: string) => void;
};

/** Profiles, and keys, that other processes know and this one only holds in memory. */
export class LentProfiles {
  readonly #ports: Ports;
  readonly #lent = new Map<ProfileId, Lent>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** A saved one, or else one that is lent. */
  find(id: ProfileId): Profile | undefined {
    return this.#ports.saved.find(id) ?? this.#lent.get(id)?.profile;
  }

  /** Null: none were lent with it, so they are where its profile says. */
  credentials(id: ProfileId): CredentialProvider | null {
    const keys = this.#ports.saved.find(id) ? null : (this.#lent.get(id)?.keys ?? null);
    if (keys === null) return null;
    const cached = new CachedCredentials(async () => await this.#read(id), this.#ports.clock);
    return {
      get: async (signal) => await cached.get(signal),
      forget: (refused) => {
        const lent = this.#lent.get(id);
        if (lent?.keys && isSameKeys(lent.keys, refused)) lent.isRefused = true;
        cached.forget(refused);
      },
    };
  }

  /**
   * Newer keys replace older ones, as temporary keys do all day; but one transfer is never signed
   * with the keys of two accounts.
   *
   * @param renew Asked when the keys have expired or were refused.
   * @returns the way to let go of it again.
   * @throws {LonghaulError} `invalid` when other lasting keys are lent for the same place.
   */
  hold(lent: LentProfile, renew: Renew): () => void {
    const { id } = lent.profile;
    const before = this.#lent.get(id);
    if (before !== undefined && areOthers(before, lent)) throw otherKeys(lent.profile);
    this.#hide(lent.keys);
    const holders = before?.holders ?? new Set();
    holders.add(renew);
    this.#lent.set(id, { ...lent, holders, isRefused: false });
    return () => void holders.delete(renew);
  }

  /** Those that no process holds any more. */
  unheld(): readonly ProfileId[] {
    return [...this.#lent].filter(([, { holders }]) => holders.size === 0).map(([id]) => id);
  }

  drop(id: ProfileId): void {
    this.#lent.delete(id);
  }

  /** What was lent while it serves, then what one of the lenders has now. */
  async #read(id: ProfileId): Promise<Credentials> {
    const lent = this.#lent.get(id);
    if (lent === undefined) throw nobodyLends(id);
    const { keys, isRefused } = lent;
    if (keys && !isRefused && this.#leftMs(keys) > RENEW_BEFORE_MS) return keys;
    const renewed = await this.#renew(lent);
    if (renewed) return renewed;
    // Refused ones, too: the server says best what is wrong with them.
    if (keys && this.#leftMs(keys) > 0) return keys;
    throw nobodyLends(lent.profile.name);
  }

  async #renew(lent: Lent): Promise<LentKeys | null> {
    for (const renew of lent.holders) {
      const keys = await renew();
      if (keys === null || isSpent(lent, keys)) continue;
      if (areOthers(lent, { ...lent, keys })) throw otherKeys(lent.profile);
      this.#hide(keys);
      lent.keys = keys;
      lent.isRefused = false;
      return keys;
    }
    return null;
  }

  #leftMs({ expiresAtMs }: LentKeys): number {
    return expiresAtMs === null ? Infinity : expiresAtMs - this.#ports.clock.wallMs();
  }

  #hide(keys: LentKeys | null): void {
    for (const secret of [keys?.secretAccessKey, keys?.sessionToken]) {
      if (secret) this.#ports.hide(secret);
    }
  }
}

/** As long before their end as other keys are asked for anew. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** The very keys that the server did not take are no answer. */
function isSpent(lent: Lent, keys: LentKeys): boolean {
  return lent.isRefused && lent.keys !== null && isSameKeys(lent.keys, keys);
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

function nobodyLends(name: string): LonghaulError {
  return new LonghaulError(
    "credentials-expired",
    "the keys of the command line have expired, and the command that lent them has no others or has ended",
    { details: { profile: name } },
  );
}
