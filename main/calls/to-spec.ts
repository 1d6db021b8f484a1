import type {
  DownloadRequest,
  DropRequest,
  LocalRef,
  UploadRequest,
} from "#shared/transfer-request.ts";
import type { DownloadSpec, DropSpec, UploadSpec } from "../transfers/transfer-spec.ts";
import type { ObjectOptions } from "#shared/object-options.ts";
import { dirname } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { mergeObjectOptions } from "#shared/object-options.ts";
import { isPrefix } from "../transfers/item-names.ts";

/** Turns a reference into the absolute path that the caller may use so. */
export type Resolve = (ref: LocalRef, use: "read" | "write") => Promise<string>;

/**
 * @param defaults What the profile says of objects; frozen with the rest.
 * @throws {LonghaulError} `invalid`, and what `resolve` throws.
 */
export async function toUploadSpec(
  request: UploadRequest,
  resolve: Resolve,
  defaults?: ObjectOptions,
): Promise<UploadSpec> {
  const { sources: refs, destination, ...options } = request;
  assertPrefix(destination.prefix);
  // Named twice is meant once.
  const sources = [...new Set(await Promise.all(refs.map((ref) => resolve(ref, "read"))))];
  if (options.rename !== null && sources.length > 1) throw oneOnly("file");
  if (options.archive !== undefined && sources.length > 1) {
    throw new LonghaulError("invalid", "one folder at a time can be sent as an archive");
  }
  if (options.archive !== undefined && options.followSymlinks) {
    throw new LonghaulError("invalid", "links are left out of an archive: they cannot be followed");
  }
  if (options.archive !== undefined && options.readBack) {
    throw new LonghaulError("invalid", "an archive is made as it is sent: it cannot be read back");
  }
  const object = mergeObjectOptions(defaults, options.object);
  const plain = { kind: "upload", sources, destination, ...options, ...said(object) } as const;
  return syncing(plain, sources.length === 1);
}

export function toDropSpec(request: DropRequest, defaults?: ObjectOptions): DropSpec {
  const { name, destination, onConflict, archive, access } = request;
  assertPrefix(destination.prefix);
  if (archive !== undefined) assertFolderName(name);
  const object = mergeObjectOptions(defaults, request.object);
  const base = { kind: "drop", name, destination, onConflict, ...said(object) } as const;
  return { ...base, ...(archive && { archive }), ...(access && { access }) };
}

/** What is packed is the one folder of that name. @throws {LonghaulError} `invalid` */
function assertFolderName(name: string): void {
  if (!name.includes("/") && name !== "." && name !== "..") return;
  throw new LonghaulError("invalid", `${JSON.stringify(name)} is no name of a folder`);
}

function said(object: ObjectOptions): { object?: ObjectOptions } {
  return Object.keys(object).length === 0 ? {} : { object };
}

/** @throws {LonghaulError} `invalid`, and what `resolve` throws. */
export async function toDownloadSpec(
  request: DownloadRequest,
  resolve: Resolve,
): Promise<DownloadSpec> {
  const { folder: ref, cache, unpack, ...rest } = request;
  const keys = [...new Set(rest.keys)];
  if (keys.length > 1 || keys.some(isPrefix)) assertNotOfOne(request);
  const plain = {
    kind: "download",
    ...rest,
    keys,
    folder: await resolve(ref, "write"),
    ...(cache && { cache }),
    ...(unpack !== null && {
      unpack: { ...unpack, destination: await resolveUnpacked(unpack.destination, resolve) },
    }),
  } as const;
  return syncing(plain, keys.length === 1 && keys.every(isPrefix));
}

/** Where an archive is unpacked: beside it, too, as what is in the way is put there. */
export async function resolveUnpacked(ref: LocalRef, resolve: Resolve): Promise<string> {
  const path = await resolve(ref, "write");
  // A handle is a person's choice in the system's dialog.
  if ("path" in ref) await resolve({ path: dirname(path) }, "write");
  return path;
}

/** What only one object can have. @throws {LonghaulError} `invalid` */
function assertNotOfOne({ rename, versionId, unpack }: DownloadRequest): void {
  if (rename !== null) throw oneOnly("object");
  if (versionId !== undefined) {
    throw new LonghaulError("invalid", "a version is one of one object");
  }
  if (unpack !== null) {
    throw new LonghaulError("invalid", "one object only can be unpacked into one folder");
  }
}

/**
 * A sync replaces what differs, and asks nobody.
 *
 * @param isWhole It is of one folder or prefix: what else could be missing at its source?
 * @throws {LonghaulError} `invalid`
 */
function syncing<T extends UploadSpec | DownloadSpec>(spec: T, isWhole: boolean): T {
  const { sync } = spec;
  if (sync === undefined) return spec;
  const isOdd = spec.kind === "upload" && (spec.followSymlinks || !isWhole || !spec.contentsOnly);
  if (isOdd || spec.rename !== null) throw notSynced();
  if (sync.deletes && !(isWhole && spec.contentsOnly)) throw notSynced();
  return { ...spec, onConflict: "replace" };
}

function notSynced(): LonghaulError {
  return new LonghaulError(
    "invalid",
    "a sync is of the contents of one folder or prefix, and follows no links",
  );
}

function assertPrefix(prefix: string): void {
  if (prefix === "" || prefix.endsWith("/")) return;
  throw new LonghaulError("invalid", `the prefix ${JSON.stringify(prefix)} does not end in "/"`);
}

function oneOnly(what: string): LonghaulError {
  return new LonghaulError("invalid", `another name can be given to one ${what} only`);
}
