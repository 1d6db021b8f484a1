import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { withoutArchiveEnding } from "#shared/archive.ts";
import { LonghaulError } from "#shared/errors.ts";
import { toFsPath } from "#main/disk/local-path.ts";
import type { GetFlags } from "../get-flags.ts";
import type { S3Address } from "../uri.ts";
import { isPrefix, parseAddress } from "../uri.ts";
import type { ArtifactRequest } from "./artifact-request.ts";
import { fileFor } from "./file-for.ts";

/** The request of `longhaul get s3://bucket/key DEST`. @throws {LonghaulError} `invalid` */
export async function requestOfWords(
  words: readonly string[],
  flags: GetFlags,
  workingFolder: string,
): Promise<ArtifactRequest> {
  const [uri, destination] = words;
  if (uri === undefined || destination === undefined || words.length > 2) {
    throw wrong("either -f FILE, or s3://bucket/key and where it goes");
  }
  const source = parseAddress(uri);
  if (source.kind !== "s3") throw wrong("what is fetched is named s3://…; cp copies either way");
  if (parseAddress(destination).kind === "s3") throw wrong("the destination is on this machine");
  const { bucket, key } = source;
  const { include, exclude } = flags;
  const common = { bucket, key, profile: null, cache: flags.cache || null, include, exclude };
  checkFlags(source, flags);
  if (isPrefix(source)) {
    const path = resolve(workingFolder, destination);
    return { ...common, kind: "prefix", path, unpack: null };
  }
  const isFolder = await isFolderAt(resolve(workingFolder, destination));
  const path = fileFor(key, isFolder ? `${destination}/` : destination, workingFolder);
  if (path === null) throw wrong("the key gives the file no name; write the whole path");
  return { ...common, kind: "object", path, unpack: unpackOf(flags, path, workingFolder) };
}

function unpackOf(
  { unpack, method }: GetFlags,
  path: string,
  workingFolder: string,
): ArtifactRequest["unpack"] {
  if (unpack === null) return null;
  const folder = unpack === "" ? withoutArchiveEnding(path) : resolve(workingFolder, unpack);
  if (folder === null || folder === path) throw wrong("where does it unpack to? Say --unpack=DIR");
  return { folder, method: method ?? "auto" };
}

/** Flags that would be left unheard are refused. */
function checkFlags(source: S3Address, { unpack, method, include, exclude }: GetFlags): void {
  if (unpack === null && method !== null) throw wrong("--method goes with --unpack");
  if (isPrefix(source)) {
    if (unpack !== null) throw wrong("--unpack is for one object, and this is a prefix");
    return;
  }
  if (include.length + exclude.length > 0) {
    throw wrong("--include and --exclude are for a prefix, and this is one object");
  }
}

async function isFolderAt(path: string): Promise<boolean> {
  try {
    return (await stat(toFsPath(path))).isDirectory();
  } catch {
    return false;
  }
}

function wrong(message: string): LonghaulError {
  return new LonghaulError("invalid", message);
}
