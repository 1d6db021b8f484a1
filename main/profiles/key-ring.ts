import type { Profile, ProfileId } from "#shared/profile.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { isSameKeys } from "./same-keys.ts";

type Ring = {
  /** What the keys come from. */
  readonly source: string;
  readonly provider: CredentialProvider;
};

/** One provider of keys for each profile, so that all its stores ask its source once. */
export class KeyRing {
  readonly #make: (profile: Profile) => CredentialProvider;
  readonly #rings = new Map<ProfileId, Ring>();
  /** The keys that a server refused last, for each profile; outlives its provider. */
  readonly #refused = new Map<ProfileId, Credentials>();

  constructor(make: (profile: Profile) => CredentialProvider) {
    this.#make = make;
  }

  of(profile: Profile): CredentialProvider {
    const { id, credentials, region } = profile;
    const source = JSON.stringify([credentials, region]);
    const known = this.#rings.get(id);
    if (known?.source === source) return known.provider;
    const made = this.#make(profile);
    const provider: CredentialProvider = {
      get: (signal) => made.get(signal),
      forget: (refused) => {
        this.#refused.set(id, refused);
        made.forget(refused);
      },
    };
    this.#rings.set(id, { source, provider });
    return provider;
  }

  /** The profile, or what is kept for it, changed: its source is asked anew. */
  forget(id: ProfileId): void {
    this.#rings.delete(id);
  }

  /** Whether there are keys for a profile, and others than were refused last. Never throws but AbortError. */
  async hasOthers(profile: Profile, signal: AbortSignal): Promise<boolean> {
    try {
      const refused = this.#refused.get(profile.id);
      // A keychain that gave none would ask the person again; who saves a secret says so.
      if (refused === undefined && profile.credentials.kind === "stored") return false;
      // What was kept is good for signing as long as it lasts; its source may know better by now.
      if (refused !== undefined) this.of(profile).forget(refused);
      const keys = await this.of(profile).get(signal);
      return keys === null || refused === undefined || !isSameKeys(keys, refused);
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }
}
