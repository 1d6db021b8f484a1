import { createHash } from "node:crypto";
import { LonghaulError } from "#shared/errors.ts";
import type { Profile, CredentialsSource, Endpoint } from "#shared/profile.ts";
import { ProfileId } from "#shared/profile.ts";
import type { AwsDefaults } from "#main/profiles/aws-config.ts";
import { parseEndpoint } from "./uri.ts";

export type ProfileFlags = {
  /** `--profile`: a saved profile's name or id, else a profile of `~/.aws`. */
  readonly profile: string | null;
  readonly endpointUrl: string | null;
  readonly region: string | null;
};

export type AwsPlace = Omit<AwsDefaults, "profileName">;

export type ChosenProfile = {
  readonly profile: Profile;
  /** Made from flags, variables and AWS files for this command; not kept. */
  readonly isAdHoc: boolean;
};

/** AWS's own answer for a bucket whose region nobody said. */
const DEFAULT_REGION = "us-east-1";

/**
 * The profile a command works with: a saved one where `--profile` names it, else one made for this
 * command in the way the AWS tools do it.
 *
 * @throws {LonghaulError} `profile-missing`, `invalid`
 */
export function chooseProfile(
  flags: ProfileFlags,
  saved: readonly Profile[],
  awsNames: readonly string[],
  aws: AwsPlace,
): ChosenProfile {
  const { profile: name } = flags;
  const kept = saved.find((each) => each.name === name || each.id === name);
  if (kept !== undefined) return { profile: checkUnchanged(kept, flags), isAdHoc: false };
  if (name !== null && !awsNames.includes(name)) {
    throw new LonghaulError("profile-missing", `there is no profile ${JSON.stringify(name)}`, {
      details: { profile: name },
    });
  }
  return { profile: makeProfile(flags, aws), isAdHoc: true };
}

/** Kept keys belong to the endpoint they were kept for. */
function checkUnchanged(profile: Profile, flags: ProfileFlags): Profile {
  if (flags.endpointUrl === null && flags.region === null) return profile;
  throw new LonghaulError(
    "invalid",
    `the profile ${JSON.stringify(profile.name)} says where its bucket is; leave out --endpoint-url and --region`,
  );
}

function makeProfile(flags: ProfileFlags, aws: AwsPlace): Profile {
  const url = flags.endpointUrl ?? aws.endpointUrl;
  const region = flags.region ?? aws.region ?? DEFAULT_REGION;
  const endpoint: Endpoint =
    url === null ? { kind: "aws" } : { kind: "url", url: parseEndpoint(url) };
  const credentials: CredentialsSource =
    flags.profile === null
      ? { kind: "environment" }
      : { kind: "aws-profile", profileName: flags.profile };
  return {
    id: idOf([endpoint, region, credentials]),
    name: flags.profile ?? (url === null ? "AWS" : new URL(url).host).slice(0, 64),
    preset: url === null ? "aws" : "custom",
    endpoint,
    region,
    credentials,
    addressing: aws.addressing,
    bucket: null,
    partSizeBytes: null,
    connections: null,
  };
}

/** The same for the same place and keys: by it the same command finds its unfinished transfer. */
function idOf(parts: readonly unknown[]): ProfileId {
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return ProfileId.parse(`command-line-${digest.slice(0, 16)}`);
}
