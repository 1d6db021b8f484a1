import type { ProfileId, ProfileSecret } from "#shared/profile.ts";

/** Where the host keeps secrets: the system's keychain, or a file that only its user can read. */
export interface SecretStore {
  /**
   * Null when there is none.
   * @throws {LonghaulError} `credentials-missing` when it is there and this host cannot read it.
   */
  get(id: ProfileId): Promise<ProfileSecret | null>;
  /** Adds or replaces; durable when it resolves. */
  set(id: ProfileId, secret: ProfileSecret): Promise<void>;
  /** Safe to call when there is none. */
  remove(id: ProfileId): Promise<void>;
}
