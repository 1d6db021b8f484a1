import { join } from "node:path";
import type { PackFormat } from "#shared/archive.ts";
import { toShownPath } from "#main/disk/local-path.ts";
import { LonghaulError } from "#shared/errors.ts";
import { isOpenPath } from "./is-open-path.ts";
import type { Address, S3Address } from "./uri.ts";
import { isPrefix } from "./uri.ts";

/** A source with what a look at the disk said; `missing` for a local path that is not there. */
export type CopySource =
  | { readonly address: S3Address }
  | {
      readonly address: Extract<Address, { kind: "local" }>;
      readonly found: "file" | "folder" | "missing";
    };

/** One transfer of the engine: its source and destination, without the options. */
export type CopyStep =
  | {
      readonly kind: "upload";
      readonly paths: readonly string[];
      readonly bucket: string;
      /** Empty, or ending in `/`. */
      readonly prefix: string;
      /** The object's name in place of the file's own; null keeps it. */
      readonly rename: string | null;
      /** A folder's contents go right under the prefix. */
      readonly contentsOnly: boolean;
      /** The folder goes as one object. */
      readonly archive?: PackFormat;
    }
  | DownloadStep;

export type DownloadStep = {
  readonly kind: "download";
  readonly bucket: string;
  readonly keys: readonly string[];
  readonly folder: string;
  readonly rename: string | null;
  readonly contentsOnly: boolean;
};

/** The path or URI of what a step makes: the object or file itself where it is one. */
export function targetOf(step: CopyStep): string {
  const isOne = !step.contentsOnly && sourcesOf(step).length === 1;
  const own = lastNameOf((sourcesOf(step)[0] ?? "").replace(/[/\\]+$/u, ""));
  const ending = step.kind === "upload" && step.archive !== undefined ? `.${step.archive}` : "";
  const name = step.rename ?? (isOne ? `${own}${ending}` : "");
  if (step.kind === "upload") return `s3://${step.bucket}/${step.prefix}${toShownPath(name)}`;
  return name === "" ? step.folder : join(step.folder, name);
}

function sourcesOf(step: CopyStep): readonly string[] {
  return step.kind === "upload" ? step.paths : step.keys;
}

function lastNameOf(path: string): string {
  return path.slice(lastSlash(path) + 1);
}

export type CopyTarget = {
  readonly address: Address;
  /** A local DST that is a folder already. */
  readonly isFolder: boolean;
};

/**
 * What `cp SRC… DST` means. A folder or prefix is copied by its contents; a single file keeps its
 * name when DST ends in `/` or is a folder, else takes DST's; several sources need a DST ending in
 * `/`, and folders among them keep their names.
 *
 * @throws {LonghaulError} `invalid`, `unsupported`, `path-missing`
 */
export function planCopy(
  sources: readonly CopySource[],
  target: CopyTarget,
  archive: PackFormat | null = null,
): readonly CopyStep[] {
  const { address } = target;
  if (archive !== null) return [planArchive(sources, address, archive)];
  if (sources.length > 1 && !endsOpen(address)) {
    throw new LonghaulError("invalid", "several sources need a destination that ends in /");
  }
  return address.kind === "s3"
    ? [planUpload(sources.map(localOnly), address)]
    : planDownload(sources.map(s3Only), address.path, target.isFolder);
}

/** A folder's archive has the folder's name where DST ends in `/`, else takes DST's. */
function planArchive(
  sources: readonly CopySource[],
  target: Address,
  archive: PackFormat,
): CopyStep {
  const [source] = sources;
  if (sources.length !== 1 || source === undefined || target.kind !== "s3") throw noArchive();
  const { address, found } = localOnly(source);
  if (found !== "folder") throw noArchive();
  const cut = isPrefix(target) ? target.key.length : target.key.lastIndexOf("/") + 1;
  return {
    kind: "upload",
    paths: [address.path],
    bucket: target.bucket,
    prefix: target.key.slice(0, cut),
    rename: target.key.slice(cut) || null,
    contentsOnly: false,
    archive,
  };
}

function noArchive(): LonghaulError {
  return new LonghaulError("invalid", "--archive sends one folder to s3://bucket/key");
}

type LocalSource = Extract<CopySource, { found: unknown }>;

function localOnly(source: CopySource): LocalSource {
  if ("found" in source) {
    if (source.found !== "missing") return source;
    const { path } = source.address;
    throw new LonghaulError("path-missing", `${toShownPath(path)} is not there`, {
      details: { path },
    });
  }
  throw new LonghaulError(
    "unsupported",
    "one end must be on this machine: s3:// to s3:// is not supported",
  );
}

function s3Only(source: CopySource): S3Address {
  if (source.address.kind === "s3") return source.address;
  throw new LonghaulError("unsupported", "one end must be s3://bucket/…: both are on this machine");
}

function planUpload(sources: readonly LocalSource[], target: S3Address): CopyStep {
  const [only] = sources;
  const single = sources.length === 1 ? only : undefined;
  const isOneFile = single?.found === "file";
  const cut = isOneFile && !isPrefix(target) ? target.key.lastIndexOf("/") + 1 : null;
  return {
    kind: "upload",
    paths: sources.map((source) => source.address.path),
    bucket: target.bucket,
    prefix: cut === null ? openPrefix(target.key) : target.key.slice(0, cut),
    rename: cut === null ? null : target.key.slice(cut),
    contentsOnly: single?.found === "folder",
  };
}

/** `cp tree s3://b/t` is `cp tree s3://b/t/`: there is no other thing it could mean. */
function openPrefix(key: string): string {
  return key === "" || key.endsWith("/") ? key : `${key}/`;
}

/** One transfer a bucket: the engine's downloads are from one. */
function planDownload(
  sources: readonly S3Address[],
  path: string,
  isFolder: boolean,
): readonly CopyStep[] {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined) return [planOneDownload(only, path, isFolder)];
  const buckets = Map.groupBy(sources, (source) => source.bucket);
  return [...buckets].map(([bucket, addresses]) => ({
    kind: "download",
    bucket,
    keys: addresses.map((address) => address.key),
    folder: path,
    rename: null,
    contentsOnly: false,
  }));
}

function planOneDownload(source: S3Address, path: string, isFolder: boolean): CopyStep {
  const { bucket, key } = source;
  const base = { kind: "download", bucket, keys: [key] } as const;
  if (isPrefix(source)) return { ...base, folder: path, rename: null, contentsOnly: true };
  if (isFolder || isOpenPath(path)) {
    return { ...base, folder: path, rename: null, contentsOnly: false };
  }
  const cut = lastSlash(path) + 1;
  const folder = cut === 0 ? "." : path.slice(0, cut);
  return { ...base, folder, rename: path.slice(cut), contentsOnly: false };
}

function endsOpen(address: Address): boolean {
  return address.kind === "s3" ? isPrefix(address) : isOpenPath(address.path);
}

function lastSlash(path: string): number {
  const backslash = process.platform === "win32" ? path.lastIndexOf("\\") : -1;
  return Math.max(path.lastIndexOf("/"), backslash);
}
