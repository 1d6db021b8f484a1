import type { CrcAlgorithm } from "#shared/crc.ts";
import type { LonghaulError } from "#shared/errors.ts";
import type { ObjectOptions } from "#shared/object-options.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import type { Expectation, WireRequest, WireResponse } from "../wire/wire.ts";

/**
 * A store is where bytes live, as control: it answers questions and signs requests, and never
 * touches a payload byte. One object stands for one bucket (or repository) under one profile.
 *
 * Rules every store keeps, checked by `store-suite.ts`:
 * - failures are `LonghaulError`s; SDK and HTTP errors are mapped inside the store;
 * - a store never retries: `flow/retry.ts` does, so that the policy lives in one place;
 * - every call ends within a deadline of its own (60 s; `complete` 15 min) or by the signal.
 */
export interface Store {
  readonly limits: PartLimits;

  /** @throws {LonghaulError} `object-missing`, `bucket-missing`, … */
  stat(key: string, signal: AbortSignal, versionId?: string): Promise<ObjectInfo>;

  /** One page in key order; never a whole bucket at once. */
  list(query: ListQuery, signal: AbortSignal): Promise<ListPage>;

  /** One page of the versions under a prefix, by key, the newest first. */
  listVersions(query: VersionQuery, signal: AbortSignal): Promise<VersionPage>;

  /** The SHA-256 digests that the origin has of the object's pieces, in order; null where it has none. */
  pieces(object: ObjectInfo, signal: AbortSignal): Promise<readonly Piece[] | null>;

  /** The origin's CRC of the object as a whole; null where it has none. A composite value is none. */
  wholeCrc(object: ObjectInfo, signal: AbortSignal): Promise<WholeCrc | null>;

  /**
   * The sizes in which the object was uploaded, for proof by ETag, without digests: our own
   * metadata, else what the origin says; null where nothing says.
   */
  uploadedPartBytes(object: ObjectInfo, signal: AbortSignal): Promise<number | null>;

  /** Starts a multipart upload. Nothing is visible under the key before `complete`. */
  openUpload(key: string, options: UploadOptions, signal: AbortSignal): Promise<UploadRef>;

  /** The unfinished uploads of exactly this key, oldest first. */
  findUploads(key: string, signal: AbortSignal): Promise<readonly FoundUpload[]>;

  /** One page of the parts the store holds, in number order. @throws `upload-gone`. */
  listParts(upload: UploadRef, cursor: string | null, signal: AbortSignal): Promise<StoredPartPage>;

  /** The signed request of a data operation, valid for at least 10 minutes from now. */
  sign(operation: DataOperation, signal: AbortSignal): Promise<SignedOrder>;

  /** Reads the answer to a `put` or `put-part`. @throws {LonghaulError} what the answer says when it is no success. */
  readStored(operation: PutOperation, response: WireResponse): Stored;

  /**
   * The object's SHA-256 in hex, as the answer to a `get` of the whole object says it: a small one
   * needs no question of its own. Null where the answer does not say.
   */
  readSha256(operation: GetOperation, headers: WireResponse["headers"]): string | null;

  /** The object's CRC, as `readSha256`. */
  readCrc(operation: GetOperation, headers: WireResponse["headers"]): WholeCrc | null;

  /** What the answer to a `get` says of the object besides its bytes. */
  readFacts(headers: WireResponse["headers"]): ObjectFacts;

  /** Why a `get` was answered otherwise than expected. */
  explainRefusal(operation: GetOperation, response: WireResponse): LonghaulError;

  /** @throws {LonghaulError} `conflict` when `condition` no longer holds; `upload-gone`. */
  complete(order: CompleteOrder, signal: AbortSignal): Promise<Stored>;

  /** Frees the parts held so far. Safe to call twice. */
  abort(upload: UploadRef, signal: AbortSignal): Promise<void>;

  /**
   * Sockets from these addresses of this machine, or all (null), may be dead without a word: they are
   * closed, and the next requests open new ones.
   */
  renew?(addresses: readonly string[] | null): void;

  /** Removes an object; fine when it is not there. Only the profile test calls it. */
  remove(key: string, signal: AbortSignal): Promise<void>;

  /**
   * Removes objects that are still what they were, in as few requests as the endpoint takes. Where it
   * keeps no such condition each is looked at just before. What became of each is in the order asked.
   *
   * @param objects At most `MOST_REMOVED`.
   * @throws {LonghaulError} what stopped all of it; then some may be gone, and asking again is fine.
   */
  removeAll(objects: readonly RemoveOrder[], signal: AbortSignal): Promise<readonly Removed[]>;
}

/** Most objects in one `removeAll`. */
export const MOST_REMOVED = 1000;

export type RemoveOrder = Pick<ObjectInfo, "key" | "etag">;

/** What became of one object that was to be removed. */
export type Removed =
  /** Also where it was not there any more. */
  | {
      readonly outcome: "removed";
      /** The bucket keeps versions: the bytes stay under them. */
      readonly keepsVersions: boolean;
    }
  /** Another object is there by now, and stays. */
  | { readonly outcome: "changed" }
  | { readonly outcome: "failed"; readonly error: LonghaulError };

export type ObjectInfo = {
  readonly key: string;
  readonly sizeBytes: number;
  /** Opaque, quoted as the store says it: not a digest of the bytes. */
  readonly etag: string;
  /** The version to pin on a versioned bucket, else null. */
  readonly versionId: string | null;
  /** Wall clock, milliseconds. */
  readonly modifiedAtMs: number;
  /** What `stat` saw; a listing says none of it. */
  readonly facts?: ObjectFacts;
};

/** What an object says of itself besides size and ETag. */
export type ObjectFacts = {
  /** Without the `x-amz-meta-` of their headers. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly versionId: string | null;
  /** As S3 writes it; null is the usual one. */
  readonly storageClass: string | null;
  /** `archived`: it cannot be read before somebody restores it; `restoring`: somebody does. */
  readonly access: "ready" | "archived" | "restoring";
};

export type ListQuery = {
  readonly prefix: string;
  /** True: what lies deeper than the next `/` is folded into `prefixes`. */
  readonly isFolded: boolean;
  readonly cursor: string | null;
  /** Without a cursor: only what comes after this name in key order. Few servers ignore it. */
  readonly startAfter?: string;
  readonly limit: number;
};

export type ListPage = {
  readonly objects: readonly ObjectInfo[];
  /** Whole prefixes, ending in `/`. */
  readonly prefixes: readonly string[];
  readonly cursor: string | null;
};

export type VersionQuery = Pick<ListQuery, "prefix" | "cursor" | "limit">;

export type ObjectVersion = {
  readonly key: string;
  /** Null where the bucket keeps no versions. */
  readonly versionId: string | null;
  readonly isLatest: boolean;
  /** It marks that the object was deleted then; there are no bytes of it. */
  readonly isDeletion: boolean;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Wall clock, milliseconds. */
  readonly modifiedAtMs: number;
};

export type VersionPage = {
  readonly versions: readonly ObjectVersion[];
  readonly cursor: string | null;
};

/** Pieces cover the object once, in order; they need not be equally long. */
export type Piece = ByteRange & {
  /** SHA-256 in hex. */
  readonly sha256: string;
};

/** A CRC of all bytes of an object, however it was uploaded. */
export type WholeCrc = {
  readonly algorithm: CrcAlgorithm;
  /** Hex. */
  readonly crc: string;
};

/** Limits as data, so that planning parts never asks which store this is. */
export type PartLimits = {
  readonly minPartBytes: number;
  readonly maxPartBytes: number;
  readonly maxParts: number;
};

/** In `details.cause` of an `upload-gone` after which the upload is to begin again, cut otherwise. */
export const CUT_OTHERWISE = "PartLimits";

export type UploadOptions = {
  /** Kept as metadata of the object, so that its ETag can be proven later. */
  readonly partSizeBytes: number;
  readonly attributes?: ObjectAttributes | undefined;
};

/** What an object is besides its bytes; absent is not said, and the type is that of bytes. */
export type ObjectAttributes = Omit<ObjectOptions, "preserveMode">;

/** Names a multipart upload across restarts. */
export type UploadRef = {
  readonly key: string;
  readonly uploadId: string;
  /** When a rule of the bucket would abort it. Wall clock, milliseconds; absent: nobody said. */
  readonly expiresAtMs?: number;
};

export type FoundUpload = UploadRef & { readonly startedAtMs: number };

export type StoredPart = {
  /** Counted from 1. */
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
  /** SHA-256 in hex where the store has it, else null. */
  readonly sha256: string | null;
};

export type StoredPartPage = {
  readonly parts: readonly StoredPart[];
  readonly cursor: string | null;
};

export type GetOperation = {
  readonly kind: "get";
  /** Pinned: another ETag, size or version is refused. */
  readonly object: ObjectInfo;
  /** Null is the whole object; an empty object has no ranges. */
  readonly range: ByteRange | null;
};

export type PutOperation =
  | {
      readonly kind: "put";
      readonly key: string;
      readonly sizeBytes: number;
      /** Hex. */
      readonly sha256: string;
      readonly condition: WriteCondition;
      readonly attributes?: ObjectAttributes | undefined;
    }
  | {
      readonly kind: "put-part";
      readonly upload: UploadRef;
      readonly number: number;
      readonly sizeBytes: number;
      readonly sha256: string;
    };

export type DataOperation = GetOperation | PutOperation;

export type SignedOrder = {
  readonly request: WireRequest;
  /** For a `get`; a put's answer is read by `readStored`. */
  readonly expect: Expectation;
};

/** What must be true of the key when the object appears. `any` overwrites. */
export type WriteCondition =
  | { readonly kind: "any" }
  | { readonly kind: "absent" }
  | { readonly kind: "same"; readonly etag: string };

export type CompleteOrder = {
  readonly upload: UploadRef;
  /** All of them, in number order, with the digests that were sent. */
  readonly parts: readonly StoredPart[];
  readonly condition: WriteCondition;
  readonly sizeBytes: number;
};

export type Stored = {
  readonly etag: string;
  readonly versionId: string | null;
  /** The endpoint echoed our SHA-256, so it was checked and is kept there. */
  readonly isSha256Kept: boolean;
  /**
   * The store keeps no conditions: the key was looked at just before, which leaves a moment in
   * which another writer can win. Left out where there was no condition, or it was kept.
   */
  readonly isCheckedBefore?: boolean;
};
