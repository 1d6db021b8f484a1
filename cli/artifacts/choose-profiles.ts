import type { Profile } from "#shared/profile.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { ChosenProfile, ProfileFlags } from "../choose-profile.ts";
import type { CommandContext } from "../context.ts";
import type { ArtifactRequest, PlacedRequest } from "./artifact-request.ts";
import { problemAt } from "./artifact-request.ts";
import type { Problem } from "./problem.ts";

export type ChosenProfiles = {
  readonly all: readonly ChosenProfile[];
  readonly profileOf: (name: string | null) => Profile;
  /** Names that are nobody's, where they are first used. */
  readonly problems: readonly Problem[];
};

/**
 * The profiles of requests, each chosen once. Flags are for those requests that name none.
 *
 * @throws {LonghaulError} `profile-missing` for the one that flags name, `invalid`
 */
export async function chooseProfiles(
  requests: readonly (ArtifactRequest | PlacedRequest)[],
  flags: ProfileFlags,
  { chooseProfile }: Pick<CommandContext, "chooseProfile">,
): Promise<ChosenProfiles> {
  const chosen = new Map<string | null, ChosenProfile>();
  const problems: Problem[] = [];
  for (const [name, users] of Map.groupBy(requests, ({ profile }) => profile)) {
    const wanted = name === null ? flags : { profile: name, endpointUrl: null, region: null };
    try {
      chosen.set(name, await chooseProfile(wanted));
    } catch (error) {
      const [first] = users;
      if (name === null || !isMissing(error) || !first || !("at" in first)) throw error;
      problems.push(problemAt(first.at, "profile", error.message));
    }
  }
  const profileOf = (name: string | null) => {
    const found = chosen.get(name);
    if (found === undefined) throw new Error(`no request names the profile ${name}`);
    return found.profile;
  };
  return { all: [...chosen.values()], profileOf, problems };
}

function isMissing(error: unknown): error is LonghaulError {
  return error instanceof LonghaulError && error.code === "profile-missing";
}
