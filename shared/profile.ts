import { z } from "zod";
import { BucketAccess, ObjectOptions } from "./object-options.ts";

export const ProfileId = z.string().min(1).max(64).brand<"ProfileId">();
export type ProfileId = z.infer<typeof ProfileId>;

/** Provider presets: defaults in the editor and facts that no probe is needed for. */
export const ProviderPreset = z.enum([
  "aws",
  "ceph",
  "minio",
  "r2",
  "b2",
  "gcs",
  "wasabi",
  "custom",
  "practice",
]);
export type ProviderPreset = z.infer<typeof ProviderPreset>;

/** Where a profile's requests go. */
export const Endpoint = z.discriminatedUnion("kind", [
  /** AWS's own, from the region. */
  z.strictObject({ kind: z.literal("aws") }),
  /** Scheme, host, optional port and path: `https://minio.lab:9000`. No user information. */
  z.strictObject({ kind: z.literal("url"), url: z.url({ protocol: /^https?$/ }) }),
  /** The embedded sandbox store over this folder; its address changes with every start. */
  z.strictObject({ kind: z.literal("practice"), folder: z.string() }),
]);
export type Endpoint = z.infer<typeof Endpoint>;

/** Where the keys are, never the keys. */
export const CredentialsSource = z.discriminatedUnion("kind", [
  /** An access key whose secret the host keeps (keychain, or a file of mode 0600). */
  z.strictObject({ kind: z.literal("stored"), accessKeyId: z.string().trim().min(1).max(256) }),
  /** A profile of `~/.aws`: static keys, SSO, role, credential_process. */
  z.strictObject({ kind: z.literal("aws-profile"), profileName: z.string().trim().min(1) }),
  /** AWS_ACCESS_KEY_ID and so on, then the default chain of the AWS tools. */
  z.strictObject({ kind: z.literal("environment") }),
  z.strictObject({ kind: z.literal("anonymous") }),
]);
export type CredentialsSource = z.infer<typeof CredentialsSource>;

const MiB = 1024 * 1024;

export const Profile = z.strictObject({
  id: ProfileId,
  name: z.string().trim().min(1).max(64),
  preset: ProviderPreset,
  endpoint: Endpoint,
  region: z.string().trim().min(1).max(64),
  /** `auto`: path style for an own endpoint or a bucket name with dots, else virtual-host style. */
  addressing: z.enum(["auto", "path", "virtual"]),
  /** The only bucket, for keys that may not list buckets; null lists them. */
  bucket: z.string().min(1).max(255).nullable(),
  credentials: CredentialsSource,
  /** Bytes, a whole number of MiB; null is the default of 16 MiB. */
  partSizeBytes: z
    .int()
    .min(5 * MiB)
    .max(5 * 1024 * MiB)
    .multipleOf(MiB)
    .nullable(),
  /** Most parts of one upload, where the server takes fewer than S3's 10,000. */
  maxParts: z.int().min(2).max(10_000).optional(),
  /** Sockets to this endpoint; null is the default. */
  connections: z.int().min(1).max(256).nullable(),
  /** What uploads say of their objects, unless a transfer says otherwise. */
  upload: ObjectOptions.optional(),
  access: BucketAccess.optional(),
});
export type Profile = z.infer<typeof Profile>;

/** What the keychain keeps. Travels into the engine once, never out of it. */
export const ProfileSecret = z.strictObject({
  secretAccessKey: z.string().trim().min(1).max(1024),
  sessionToken: z.string().trim().min(1).max(8192).optional(),
});
export type ProfileSecret = z.infer<typeof ProfileSecret>;

export const ProfileTestStepName = z.enum(["reach", "clock", "signature", "list", "write"]);
export type ProfileTestStepName = z.infer<typeof ProfileTestStepName>;
