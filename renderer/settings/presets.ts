import type { Profile, ProviderPreset } from "#shared/profile.ts";

/** Kinds that a person can choose; the practice bucket comes by itself. */
export type ChosenPreset = Exclude<ProviderPreset, "practice">;

type Preset = {
  readonly label: string;
  /** An example of the address, or the address itself where there is only one. */
  readonly endpoint: string;
  readonly region: string;
  readonly addressing: Profile["addressing"];
  /** What the region is for here, where that is not plain. */
  readonly regionNote: string | null;
};

/** What the editor fills in and suggests for each kind of endpoint. */
export const PRESETS: Readonly<Record<ChosenPreset, Preset>> = {
  aws: {
    label: "AWS",
    endpoint: "",
    region: "us-east-1",
    addressing: "auto",
    regionNote: "Where the buckets live.",
  },
  minio: {
    label: "MinIO",
    endpoint: "https://minio.example:9000",
    region: "us-east-1",
    addressing: "path",
    regionNote: null,
  },
  ceph: {
    label: "Ceph",
    endpoint: "https://rgw.example",
    region: "us-east-1",
    addressing: "path",
    regionNote: null,
  },
  r2: {
    label: "Cloudflare R2",
    endpoint: "https://ACCOUNT.r2.cloudflarestorage.com",
    region: "auto",
    addressing: "path",
    regionNote: "R2 has one, auto.",
  },
  b2: {
    label: "Backblaze B2",
    endpoint: "https://s3.us-west-004.backblazeb2.com",
    region: "us-west-004",
    addressing: "auto",
    regionNote: "The part after s3. in the endpoint.",
  },
  gcs: {
    label: "Google, S3 mode",
    endpoint: "https://storage.googleapis.com",
    region: "auto",
    addressing: "path",
    regionNote: null,
  },
  wasabi: {
    label: "Wasabi",
    endpoint: "https://s3.eu-central-1.wasabisys.com",
    region: "eu-central-1",
    addressing: "path",
    regionNote: "The part after s3. in the endpoint.",
  },
  custom: {
    label: "Other",
    endpoint: "https://s3.example",
    region: "us-east-1",
    addressing: "auto",
    regionNote: null,
  },
};

export function isChosenPreset(preset: string): preset is ChosenPreset {
  return Object.hasOwn(PRESETS, preset);
}

export function presetLabel(preset: ProviderPreset): string {
  return preset === "practice" ? "On this computer" : PRESETS[preset].label;
}
