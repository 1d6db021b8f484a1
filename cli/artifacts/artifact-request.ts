import type { UnpackMethod } from "#shared/archive.ts";
import type { Problem } from "./problem.ts";

/** Where a request is written: the file, its place in the list and the line of each of its keys. */
export type RequestPlace = {
  readonly file: string;
  readonly index: number;
  readonly line: number;
  readonly lines: Readonly<Record<string, number>>;
};

/** One request for objects, with what the file says for all of them. Paths are absolute. */
export type ArtifactRequest = {
  readonly kind: "object" | "prefix";
  readonly bucket: string;
  /** An object's key, or a prefix: ending in `/`, or empty for the whole bucket. */
  readonly key: string;
  /** Null: AWS variables and files, or what flags name. */
  readonly profile: string | null;
  /** The file of an object, the folder of a prefix. */
  readonly path: string;
  /** Null: nothing is said. */
  readonly cache: boolean | null;
  readonly unpack: { readonly folder: string; readonly method: UnpackMethod } | null;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
};

export type PlacedRequest = ArtifactRequest & { readonly at: RequestPlace };

export function uriOf({ bucket, key }: Pick<ArtifactRequest, "bucket" | "key">): string {
  return `s3://${bucket}/${key}`;
}

/** @param key Of the request, or of what is in it: `unpack.destination`; empty for all of it. */
export function problemAt(at: RequestPlace, key: string, message: string): Problem {
  const path = `requests[${at.index}]${key === "" ? "" : `.${key}`}`;
  return { file: at.file, line: at.lines[key.split(".")[0] ?? ""] ?? at.line, path, message };
}
