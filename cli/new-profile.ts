import { resolve } from "node:path";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import type { CredentialsSource, Endpoint, ProfileId } from "#shared/profile.ts";
import { Profile, ProviderPreset } from "#shared/profile.ts";
import { parseEndpoint } from "./uri.ts";

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
  caFile: text,
  /** SHA-256 as it is typed, with or without colons. */
  pinCertificate: text,
});
export type NewProfileFlags = z.infer<typeof NewProfileFlags>;

/** @throws {LonghaulError} `invalid` when the flags contradict each other or say too little. */
export function makeNewProfile(name: string, flags: NewProfileFlags, id: ProfileId): Profile {
  const endpoint: Endpoint =
    flags.endpointUrl === null
      ? { kind: "aws" }
      : { kind: "url", url: parseEndpoint(flags.endpointUrl) };
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
    ...trustOf(flags),
  });
  if (profile.success) return profile.data;
  const [issue] = profile.error.issues;
  const place = issue?.path.join(" ") ?? "";
  throw new LonghaulError("invalid", `${place}: ${issue?.message ?? "not possible"}`);
}

function trustOf({ caFile, pinCertificate }: NewProfileFlags): Pick<Profile, "trust"> {
  if (caFile === null && pinCertificate === null) return {};
  const pinnedSha256 = pinCertificate?.replace(/[\s:]/g, "").toLowerCase();
  if (pinnedSha256 !== undefined && !/^[0-9a-f]{64}$/.test(pinnedSha256)) {
    throw new LonghaulError("invalid", "--pin-certificate takes a SHA-256: 64 hexadecimal digits");
  }
  return {
    trust: {
      ...(caFile !== null && { caFile: resolve(caFile) }),
      ...(pinnedSha256 !== undefined && { pinnedSha256 }),
    },
  };
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
