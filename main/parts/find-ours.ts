import { hash } from "node:crypto";
import { LonghaulError } from "#shared/errors.ts";
import type { ObjectInfo, Store } from "../stores/store.ts";

/** How an object that we wrote is known again. */
export type Mark = {
  /** Unquoted, where the store's ETags are MD5s; undefined where nobody can tell. */
  readonly etag: string | undefined;
  /** What was sent, in order: where each piece ends, and its SHA-256 in hex. */
  readonly pieces: readonly { readonly end: number; readonly sha256: string }[];
};

/**
 * The object under a key, if it is provably the one we wrote: for when an answer was lost and nobody
 * knows whether the request took effect. Another one, or none, is undefined.
 */
export async function findOurs(
  store: Store,
  key: string,
  mark: Mark,
  signal: AbortSignal,
): Promise<ObjectInfo | undefined> {
  const object = await findObject(store, key, signal);
  if (object === undefined || object.sizeBytes !== mark.pieces.at(-1)?.end) return undefined;
  if (unquoted(object.etag) === mark.etag) return object;
  const pieces = await store.pieces(object, signal);
  const isEqual =
    pieces?.length === mark.pieces.length &&
    pieces.every(
      ({ end, sha256 }, at) => end === mark.pieces[at]?.end && sha256 === mark.pieces[at].sha256,
    );
  return isEqual ? object : undefined;
}

async function findObject(
  store: Store,
  key: string,
  signal: AbortSignal,
): Promise<ObjectInfo | undefined> {
  try {
    return await store.stat(key, signal);
  } catch (error) {
    if (error instanceof LonghaulError && error.code === "object-missing") return undefined;
    throw error;
  }
}

const MD5 = /^[0-9a-f]{32}$/u;

/**
 * The ETag that S3 gives a multipart object: MD5 of the parts' MD5s, and how many. Undefined where
 * the parts' ETags are no MD5s.
 */
export function compositeEtag(partEtags: readonly string[]): string | undefined {
  const digests = partEtags.map(unquoted);
  if (!digests.every((digest) => MD5.test(digest))) return undefined;
  return `${hash("md5", Buffer.from(digests.join(""), "hex"))}-${digests.length}`;
}

/** Of an ETag that looks like the MD5 of the whole object, in hex; undefined of any other. */
export function plainMd5(etag: string): string | undefined {
  return MD5.exec(unquoted(etag))?.[0];
}

/** ETags come quoted or not, as the server likes. */
export function unquoted(etag: string): string {
  return etag.replace(/^"|"$/gu, "");
}
