/** Keys that sign requests. Lives in memory only. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  /** Wall clock, milliseconds; null where the source does not say. */
  readonly expiresAtMs: number | null;
};

/** Where a store gets the keys that it signs with, whatever their source. */
export interface CredentialProvider {
  /**
   * The keys to sign with now, from memory while they are good; null signs nothing (anonymous).
   *
   * @throws {LonghaulError} `credentials-missing`
   */
  get(signal: AbortSignal): Promise<Credentials | null>;

  /** The server called them expired: the next `get` asks the source again. */
  forget(): void;
}

/** Keys that are known already, for a secret that was just typed and for tests. */
export function fixedCredentials(credentials: Credentials | null): CredentialProvider {
  return { get: async () => credentials, forget: () => {} };
}
