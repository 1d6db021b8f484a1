import type { CallHandlers, ProfileTestStep, ProfileView } from "#shared/contract.ts";
import type { Profile, ProfileId, ProfileSecret } from "#shared/profile.ts";
import type { MayRead } from "./settings-calls.ts";
import type { StoreShelf } from "./store-shelf.ts";
import type { CredentialProvider } from "../profiles/credentials.ts";
import type { ProfileBook } from "../profiles/profile-book.ts";
import type { StorePorts } from "../stores/open-store.ts";
import { LonghaulError } from "#shared/errors.ts";
import { listAwsProfileNames } from "../profiles/aws-config.ts";
import { fixedCredentials } from "../profiles/credentials.ts";
import { testProfile } from "../stores/open-store.ts";

const TEST_DEADLINE_MS = 60_000;

type ProfileCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `profile.${string}`>>;

/** The calls about profiles. A secret goes in, and never comes out. */
export function profileCalls(ports: {
  readonly profiles: ProfileBook;
  readonly stores: StorePorts;
  readonly shelf: StoreShelf;
  readonly isInUse: (id: ProfileId) => boolean;
  readonly views: () => Promise<ProfileView[]>;
  readonly mayRead: MayRead;
  /** Told of a profile that was saved: what waits for its keys goes on. */
  readonly onSaved: (id: ProfileId) => Promise<void>;
}): ProfileCalls {
  const { profiles, stores, shelf, isInUse, views, mayRead, onSaved } = ports;
  const checkTrust = async ({ id, trust }: Profile) => {
    const caFile = trust?.caFile;
    if (caFile !== undefined && caFile !== profiles.find(id)?.trust?.caFile) await mayRead(caFile);
  };
  return {
    "profile.list": views,
    "profile.save": async ({ profile, secret }) => {
      await checkTrust(profile);
      // Also when only half of it could be kept: what is open is of the profile as it was.
      await profiles.save(profile, secret).finally(() => shelf.forget(profile.id));
      await onSaved(profile.id);
      return null;
    },
    "profile.remove": async ({ id }) => {
      if (isInUse(id)) throw inUse(profiles.find(id)?.name ?? id);
      await profiles.remove(id).finally(() => shelf.forget(id));
      return null;
    },
    "profile.test": async ({ profile, secret, tryWrite }) => {
      await checkTrust(profile);
      const given = secret === null ? withheldKeys(profile, profiles) : typedKeys(profile, secret);
      const tried = given === null ? stores : { ...stores, credentials: () => given };
      const signal = AbortSignal.timeout(TEST_DEADLINE_MS);
      const steps: ProfileTestStep[] = [];
      for await (const step of testProfile(profile, { tryWrite }, tried, signal)) steps.push(step);
      return steps;
    },
    "profile.awsNames": async () => [...(await listAwsProfileNames())],
  };
}

/** The keys of a profile that need not be saved; null where the keys are elsewhere anyway. */
function typedKeys({ credentials }: Profile, secret: ProfileSecret): CredentialProvider | null {
  if (credentials.kind !== "stored") return null;
  const { accessKeyId } = credentials;
  const { secretAccessKey, sessionToken = null } = secret;
  return fixedCredentials({ accessKeyId, secretAccessKey, sessionToken, expiresAtMs: null });
}

/**
 * Null where the kept secret may be used. It is not for a server that it was not given for: with a
 * session token, more than a signature would go there.
 */
function withheldKeys(profile: Profile, profiles: ProfileBook): CredentialProvider | null {
  if (profile.credentials.kind !== "stored" || profiles.hasSecretFor(profile)) return null;
  const message = "the kept secret is for another server or another access key";
  const details = { profile: profile.name };
  return {
    get: () => Promise.reject(new LonghaulError("credentials-missing", message, { details })),
    forget: () => undefined,
  };
}

function inUse(name: string): LonghaulError {
  return new LonghaulError("invalid", `unfinished transfers use the profile ${name}`, {
    details: { profile: name },
  });
}
