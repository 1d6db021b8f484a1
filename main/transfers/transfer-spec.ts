import { z } from "zod";
import { PackFormat, UnpackMethod } from "#shared/archive.ts";
import { BucketAccess, ObjectOptions } from "#shared/object-options.ts";
import { ProfileId } from "#shared/profile.ts";
import { SyncWish } from "#shared/sync.ts";
import { Destination } from "#shared/settings.ts";
import { ConflictRule } from "#shared/transfer.ts";
import { toShownPath } from "../disk/local-path.ts";

const Wishes = {
  /** Read back and compare what has moved. */
  readBack: z.boolean().default(false),
  /** Globs on the path inside the transfer; empty is all. */
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  sync: SyncWish.optional(),
};

/** What a person asked for, frozen in the journal; paths are absolute. */
export const TransferSpec = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("upload"),
    sources: z.array(z.string()).min(1),
    destination: Destination,
    rename: z.string().nullable(),
    contentsOnly: z.boolean(),
    followSymlinks: z.boolean(),
    emptyFolders: z.boolean(),
    partSizeBytes: z.int().positive().nullable(),
    /** The folder goes as one object, packed as it is sent. */
    archive: PackFormat.optional(),
    onConflict: ConflictRule,
    /** The profile's and the request's together, as they were then. */
    object: ObjectOptions.optional(),
    access: BucketAccess.optional(),
    ...Wishes,
  }),
  /** Files that a browser page sends; they lie in the home's `incoming` folder. */
  z.strictObject({
    kind: z.literal("drop"),
    name: z.string(),
    destination: Destination,
    /** All of it is one folder of that name, which goes as one object when all of it is here. */
    archive: PackFormat.optional(),
    onConflict: ConflictRule,
    object: ObjectOptions.optional(),
    access: BucketAccess.optional(),
  }),
  z.strictObject({
    kind: z.literal("download"),
    profileId: ProfileId,
    bucket: z.string(),
    keys: z.array(z.string()).min(1),
    folder: z.string(),
    rename: z.string().nullable(),
    contentsOnly: z.boolean(),
    /** Prefixes that keep their names around objects that are asked for by key. */
    keptFolders: z.array(z.string()).optional(),
    onConflict: ConflictRule,
    access: BucketAccess.optional(),
    /** Of the one object that is meant; absent is the latest. */
    versionId: z.string().min(1).optional(),
    /** Give files the permissions that their objects name. */
    preserveMode: z.boolean().optional(),
    /** Replace a file that is an older version of its object, unasked. */
    replacesStale: z.boolean().optional(),
    /** Keep a copy in a cache folder. */
    cache: z.boolean().optional(),
    /** Unpack the one object, when it is here. */
    unpack: z.strictObject({ destination: z.string(), method: UnpackMethod }).optional(),
    ...Wishes,
  }),
]);
export type TransferSpec = z.infer<typeof TransferSpec>;
export type UploadSpec = Extract<TransferSpec, { kind: "upload" }>;
export type DropSpec = Extract<TransferSpec, { kind: "drop" }>;
export type DownloadSpec = Extract<TransferSpec, { kind: "download" }>;

export function profileIdOf(spec: TransferSpec): ProfileId {
  return spec.kind === "download" ? spec.profileId : spec.destination.profileId;
}

/** Null where it is no sync. */
export function syncOf(spec: TransferSpec): SyncWish | null {
  return spec.kind === "drop" ? null : (spec.sync ?? null);
}

/** What of it tells one sync from another: what was agreed to may be another the next time. */
function syncKey(sync: SyncWish | undefined) {
  if (sync === undefined) return undefined;
  const { deletes, byDigest, isDryRun } = sync;
  return { deletes, byDigest, isDryRun };
}

export function bucketOf(spec: TransferSpec): string {
  return spec.kind === "download" ? spec.bucket : spec.destination.bucket;
}

/**
 * Equal for two requests that move the same from and to the same, however they do it: the second
 * one continues the first. Null for a drop, whose files only the page knows.
 */
export function specKey(spec: TransferSpec): string | null {
  switch (spec.kind) {
    case "upload": {
      const { sources, destination, rename, contentsOnly, ...rest } = spec;
      const { followSymlinks, emptyFolders, include, exclude, archive, sync } = rest;
      const folder = { contentsOnly, followSymlinks, emptyFolders, archive };
      const which = { rename, ...folder, include, exclude, sync: syncKey(sync) };
      return JSON.stringify(["upload", sources, destination, which]);
    }
    case "download": {
      const { profileId, bucket, keys, folder, ...rest } = spec;
      const { rename, contentsOnly, keptFolders, include, exclude, versionId, unpack, sync } = rest;
      const into = unpack?.destination;
      const which = {
        rename,
        contentsOnly,
        keptFolders,
        include,
        exclude,
        versionId,
        into,
        sync: syncKey(sync),
      };
      return JSON.stringify(["download", profileId, bucket, keys, folder, which]);
    }
    case "drop":
      return null;
    default:
      return spec satisfies never;
  }
}

/** The last component of a key, prefix or path: what people call it. */
export function lastName(path: string): string {
  const trimmed = path.replace(/[/\\]+$/u, "");
  return trimmed.slice(Math.max(trimmed.lastIndexOf("/"), trimmed.lastIndexOf("\\")) + 1) || path;
}

/** A transfer's name in lists: its only source's own name, or the first's and how many more. */
export function nameOf(spec: TransferSpec): string {
  if (spec.kind === "drop") return spec.name;
  const names = spec.kind === "upload" ? spec.sources : spec.keys;
  const [first = "", ...others] = names;
  const name = toShownPath(lastName(first)) || bucketOf(spec);
  const all = others.length === 0 ? name : `${name} and ${others.length} more`;
  return syncOf(spec)?.isDryRun === true ? `${all} (dry run)` : all;
}

/** Of a run that fetches. */
export function downloadSpecOf({ record }: { readonly record: { readonly spec: TransferSpec } }) {
  const { spec } = record;
  if (spec.kind !== "download") throw new Error(`${spec.kind} is no download`);
  return spec;
}
