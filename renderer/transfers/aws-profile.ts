import { Profile } from "#shared/profile.ts";

/**
 * A profile that takes its keys from `~/.aws`. The region is AWS's first; a bucket elsewhere says so
 * itself, and the editor offers the right one.
 */
export function profileFromAws(name: string): Profile {
  return Profile.parse({
    id: `aws-${name}`.slice(0, 64),
    name: name.slice(0, 64),
    preset: "aws",
    endpoint: { kind: "aws" },
    region: "us-east-1",
    addressing: "auto",
    bucket: null,
    credentials: { kind: "aws-profile", profileName: name },
    partSizeBytes: null,
    connections: null,
  });
}
