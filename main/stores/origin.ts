import type { Profile } from "#shared/profile.ts";

/**
 * Where the objects of a bucket are, as one text: the same for every profile that goes there.
 * `https://minio.lab:9000/models`, `aws/models`, `practice:/home/ann/.longhaul/practice/models`.
 */
export function originOf({ endpoint, region }: Profile, bucket: string): string {
  switch (endpoint.kind) {
    case "practice":
      return `practice:${endpoint.folder}/${bucket}`;
    case "url":
      return `${endpoint.url.replace(/\/+$/u, "")}/${bucket}`;
    case "aws":
      return `${partitionOf(region)}/${bucket}`;
    default:
      return endpoint satisfies never;
  }
}

/** A bucket's name is its own in all regions of a partition. */
function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
