import type { Destination } from "#shared/settings.ts";

/** One step of the way to a place; the last is where the person is. */
export type Crumb = {
  readonly label: string;
  readonly kind: "profile" | "bucket" | "prefix";
  readonly place: Destination;
};

/** Profile, bucket, prefixes. A place without a bucket is the profile's list of buckets. */
export function crumbsOf(place: Destination, profileName: string): readonly Crumb[] {
  const { profileId, bucket } = place;
  const profile: Crumb = {
    label: profileName,
    kind: "profile",
    place: { profileId, bucket: "", prefix: "" },
  };
  if (bucket === "") return [profile];
  const parts = place.prefix.split("/").slice(0, -1);
  const prefixes = parts.map((label, at): Crumb => {
    const prefix = `${parts.slice(0, at + 1).join("/")}/`;
    return {
      label: label === "" ? "/" : label,
      kind: "prefix",
      place: { profileId, bucket, prefix },
    };
  });
  return [
    profile,
    { label: bucket, kind: "bucket", place: { profileId, bucket, prefix: "" } },
    ...prefixes,
  ];
}

export function isSamePlace(one: Destination | null, other: Destination): boolean {
  return (
    one?.profileId === other.profileId && one.bucket === other.bucket && one.prefix === other.prefix
  );
}

/** One level up; undefined at a profile's list of buckets. */
export function parentOf(place: Destination): Destination | undefined {
  return crumbsOf(place, "").at(-2)?.place;
}

/** The last part of a key or prefix, without the slash at a prefix's end. */
export function lastPart(key: string): string {
  return /([^/]*)\/?$/.exec(key)?.[1] || key;
}

/** As people write it: `s3://bucket/prefix/`. */
export function addressOf(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

/** What a pasted address points at. */
export type Address = {
  readonly bucket: string;
  /** Empty, or ending in `/`. */
  readonly prefix: string;
  /** The object's name below the prefix; empty when a prefix is meant. */
  readonly name: string;
};

const ADDRESS = /^s3:\/\/([^/\s]+)(?:\/(.*))?$/i;

/** Undefined for anything that is not an `s3://` address. */
export function parseAddress(text: string): Address | undefined {
  const match = ADDRESS.exec(text.trim());
  const bucket = match?.[1];
  if (bucket === undefined) return undefined;
  const key = match?.[2] ?? "";
  const cut = key.lastIndexOf("/") + 1;
  return { bucket, prefix: key.slice(0, cut), name: key.slice(cut) };
}
