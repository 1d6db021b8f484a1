import { LonghaulError } from "#shared/errors.ts";
import type { Profile } from "#shared/profile.ts";
import type { Clock } from "../flow/clock.ts";
import type { Environment } from "./aws-config.ts";
import { readAwsCredentials } from "./aws-credentials.ts";
import { CachedCredentials } from "./cached-credentials.ts";
import type { SecretStore } from "./secret-store.ts";

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
   * @throws {LonghaulError} `credentials-missing`, `credentials-expired`; AbortError.
   */
  get(signal: AbortSignal): Promise<Credentials | null>;

  /**
   * The server does not take these, or no longer: the next `get` asks the source again, unless it
   * did already.
   */
  forget(refused: Credentials): void;
}

export type CredentialPorts = {
  readonly secrets: Pick<SecretStore, "get">;
  readonly clock: Clock;
  /** `process.env`, but for tests. */
  readonly environment: Environment;
};

/** Keys that are known already: of the practice store, of a profile that is only tried, of tests. */
export function fixedCredentials(credentials: Credentials | null): CredentialProvider {
  return { get: async () => credentials, forget: () => undefined };
}

/** The keys that a profile names, fetched when they are first needed. */
export function credentialsOf(profile: Profile, ports: CredentialPorts): CredentialProvider {
  const source = profile.credentials;
  if (source.kind === "anonymous") return fixedCredentials(null);
  const read = async (): Promise<Credentials> => {
    if (source.kind === "stored") return readStored(profile, source.accessKeyId, ports.secrets);
    return readAwsCredentials(
      source.kind === "aws-profile" ? source.profileName : null,
      profile,
      ports.environment,
    );
  };
  return new CachedCredentials(read, ports.clock);
}

async function readStored(
  profile: Profile,
  accessKeyId: string,
  secrets: Pick<SecretStore, "get">,
): Promise<Credentials> {
  const secret = await secrets.get(profile.id);
  if (!secret) {
    throw new LonghaulError("credentials-missing", "this host has no secret for the access key", {
      details: { profile: profile.name },
    });
  }
  const { secretAccessKey, sessionToken = null } = secret;
  return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs: null };
}
