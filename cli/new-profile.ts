import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import type { CredentialsSource, Endpoint, ProfileId } from "#shared/profile.ts";
import { Profile, ProviderPreset } from "#shared/profile.ts";

const text = z.string().nullable().default(null);

/** The flags of `profiles add`. */
export const NewProfileFlags = z.object({
  preset: ProviderPreset.exclude(["practice"]).nullable().default(null),
  endpointUrl: text,
  region: z.string().default("us-east-1"),
  addressing: z.enum(["auto", "path", "virtual"]).default("auto"),
  bucket: text,
  accessKeyId: text,
  secretStdin: z.boolean().default(false),
  awsProfile: text,
  environment: z.boolean().default(false),
  anonymous: z.boolean().default(false),
  partSize: z.number().nullable().default(null),
  maxParts: z.number().nullable().default(null),
  connections: z.number().nullable().default(null),
});
export type NewProfileFlags = z.infer<typeof NewProfileFlags>;

/** @throws {LonghaulError} `invalid` when the flags contradict each other or say too little. */
export function makeNewProfile(name: string, flags: NewProfileFlags, id: ProfileId): Profile {
  const endpoint: Endpoint =
    flags.endpointUrl === null ? { kind: "aws" } : { kind: "url", url: flags.endpointUrl };
  const profile = Profile.safeParse({
    id,
    name,
    preset: flags.preset ?? (endpoint.kind === "aws" ? "aws" : "custom"),
    endpoint,
    region: flags.region,
    addressing: flags.addressing,
    bucket: flags.bucket,
    credentials: chooseCredentials(flags),
    partSizeBytes: flags.partSize,
    connections: flags.connections,
    ...(flags.maxParts !== null && { maxParts: flags.maxParts }),
  });
  if (profile.success) return profile.data;
  throw new LonghaulError("invalid", z.prettifyError(profile.error));
}

function chooseCredentials(flags: NewProfileFlags): CredentialsSource {
  const { accessKeyId, awsProfile } = flags;
  const sources: CredentialsSource[] = [
    ...(accessKeyId === null ? [] : [{ kind: "stored", accessKeyId } as const]),
    ...(awsProfile === null ? [] : [{ kind: "aws-profile", profileName: awsProfile } as const]),
    ...(flags.environment ? [{ kind: "environment" } as const] : []),
    ...(flags.anonymous ? [{ kind: "anonymous" } as const] : []),
  ];
  const [source] = sources;
  if (source === undefined || sources.length > 1) {
    throw new LonghaulError(
      "invalid",
      "say where the keys are by one of --access-key-id ID --secret-stdin, --aws-profile NAME, --environment, --anonymous",
    );
  }
  if ((source.kind === "stored") !== flags.secretStdin) {
    throw new LonghaulError("invalid", "--access-key-id and --secret-stdin go together");
  }
  return source;
}
