import type { Profile } from "#shared/profile.ts";
import { presetLabel } from "./presets.ts";

/** `AWS, eu-central-1`, `MinIO, minio.lab:9000`. */
export function kindWords({ preset, endpoint, region }: Profile): string {
  const label = presetLabel(preset);
  switch (endpoint.kind) {
    case "aws":
      return `${label}, ${region}`;
    case "url":
      return `${label}, ${URL.parse(endpoint.url)?.host ?? endpoint.url}`;
    case "practice":
      return label;
    default:
      return endpoint satisfies never;
  }
}

/** As whom its requests are made. */
export function identityWords({ credentials, preset }: Profile): string {
  if (preset === "practice") return "nothing leaves it";
  switch (credentials.kind) {
    case "stored":
      return `as ${credentials.accessKeyId}`;
    case "aws-profile":
      return `from ~/.aws, ${credentials.profileName}`;
    case "environment":
      return "keys from the environment";
    case "anonymous":
      return "anonymous";
    default:
      return credentials satisfies never;
  }
}
