import { LonghaulError } from "#shared/errors.ts";
import type { Profile } from "#shared/profile.ts";
import { explainNetworkError } from "../wire/network-errors.ts";
import type { Environment } from "./aws-config.ts";
import type { Credentials } from "./credentials.ts";

/** Of one question to the instance metadata service, which outside of a cloud nobody answers. */
const METADATA_TIMEOUT_MS = 1000;

/** The part of the SDK's answer that we use. */
type Identity = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
};

/**
 * Keys as the AWS tools find them. With a name, from that profile of `~/.aws`: static keys, SSO, a
 * role, `credential_process`. Without, from the environment's own keys and then down the default
 * chain. As in aws-cli, and other than in the SDK, keys in the environment win over AWS_PROFILE.
 *
 * @throws {LonghaulError} `credentials-missing`; `credentials-expired` for an SSO session that ended.
 */
export async function readAwsCredentials(
  awsProfileName: string | null,
  profile: Pick<Profile, "name" | "region">,
  environment: Environment,
): Promise<Credentials> {
  const own = awsProfileName === null ? fromEnvironment(environment) : null;
  if (own) return own;
  try {
    return toCredentials(await askSdk(awsProfileName, profile.region));
  } catch (thrown) {
    throw explain(thrown, awsProfileName, profile.name);
  }
}

function fromEnvironment(environment: Environment): Credentials | null {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return null;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN || null,
    expiresAtMs: null,
  };
}

/** Loaded when it is needed: it takes longer than everything else at the start of a `cp`. */
async function askSdk(awsProfileName: string | null, region: string): Promise<Identity> {
  const { fromIni, fromNodeProviderChain } = await import("@aws-sdk/credential-providers");
  const init = {
    clientConfig: { region },
    // The files are read anew each time, since `aws sso login` may just have changed them.
    ignoreCache: true,
    timeout: METADATA_TIMEOUT_MS,
    maxRetries: 0,
  };
  if (awsProfileName === null) return fromNodeProviderChain(init)();
  return fromIni({ ...init, profile: awsProfileName })();
}

function toCredentials(identity: Identity): Credentials {
  return {
    accessKeyId: identity.accessKeyId,
    secretAccessKey: identity.secretAccessKey,
    sessionToken: identity.sessionToken ?? null,
    expiresAtMs: identity.expiration?.getTime() ?? null,
  };
}

/** A role or portal out of reach may be in reach later, and the keys are not at fault. */
function isNetworkFailure(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !("code" in thrown)) return false;
  return typeof thrown.code === "string" && /^E[A-Z_]+$/.test(thrown.code);
}

/** The provider's own message is not passed on: it may quote a command line. */
function explain(thrown: unknown, awsProfileName: string | null, name: string): unknown {
  if (awsProfileName !== null && isNetworkFailure(thrown)) {
    return explainNetworkError(thrown, `the source of the AWS profile ${awsProfileName}`);
  }
  const isExpired =
    thrown instanceof Error && /session.*expired|token.*expired/i.test(thrown.message);
  const place = awsProfileName === null ? "the environment" : `the AWS profile ${awsProfileName}`;
  return new LonghaulError(
    isExpired ? "credentials-expired" : "credentials-missing",
    isExpired ? `the session of ${place} has ended` : `${place} has no usable keys`,
    {
      details: {
        profile: awsProfileName ?? name,
        cause: thrown instanceof Error ? thrown.name : "",
      },
    },
  );
}
