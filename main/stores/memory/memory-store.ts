import { ErrorCode, LonghaulError } from "#shared/errors.ts";
import { lengthOf } from "../../bytes/byte-range.ts";
import { GiB } from "../../bytes/sizes.ts";
import type { WireRequest, WireResponse } from "../../wire/wire.ts";
import { compareKeys } from "../key-order.ts";
import type {
  CompleteOrder,
  DataOperation,
  FoundUpload,
  GetOperation,
  ListPage,
  ListQuery,
  ObjectFacts,
  ObjectInfo,
  PartLimits,
  Piece,
  PutOperation,
  Removed,
  RemoveOrder,
  SignedOrder,
  Store,
  Stored,
  StoredPartPage,
  UploadOptions,
  UploadRef,
  VersionPage,
  VersionQuery,
  WriteCondition,
} from "../store.ts";
import { ERROR_HEADER } from "./http-face.ts";
import type { MemoryBucket, MemoryObject } from "./memory-bucket.ts";

export type MemoryStoreOptions = {
  readonly bucket: MemoryBucket;
  /** Of the HTTP face over the same bucket; requests are signed for it. */
  readonly origin: string;
  /** Answers `pieces`; true unless told, false is an origin that keeps no digests. */
  readonly keepsSha256?: boolean;
  /** Least bytes of a part; 1 unless told. */
  readonly minPartBytes?: number;
  /** Parts in one answer of `listParts`; 1,000 unless told. */
  readonly partsPerPage?: number;
};

/** A store in memory that keeps the whole contract: for tests of what is above stores. */
export class MemoryStore implements Store {
  readonly limits: PartLimits;
  readonly #options: Required<MemoryStoreOptions>;

  constructor(options: MemoryStoreOptions) {
    this.#options = { keepsSha256: true, minPartBytes: 1, partsPerPage: 1000, ...options };
    const { minPartBytes } = this.#options;
    this.limits = { minPartBytes, maxPartBytes: 5 * GiB, maxParts: 10_000 };
  }

  async stat(key: string, signal: AbortSignal): Promise<ObjectInfo> {
    signal.throwIfAborted();
    return toInfo(key, this.#bucket.object(key));
  }

  async list(query: ListQuery, signal: AbortSignal): Promise<ListPage> {
    signal.throwIfAborted();
    const names = namesOf([...this.#bucket.objects.keys()], query);
    const page = names.slice(0, query.limit);
    return {
      objects: page.flatMap((name) => {
        const object = isPrefix(name, query) ? undefined : this.#bucket.objects.get(name);
        return object ? [toInfo(name, object)] : [];
      }),
      prefixes: page.filter((name) => isPrefix(name, query)),
      cursor: names.length > page.length ? (page.at(-1) ?? null) : null,
    };
  }

  /** It keeps none but the newest. */
  async listVersions(query: VersionQuery, signal: AbortSignal): Promise<VersionPage> {
    const { objects, cursor } = await this.list({ ...query, isFolded: false }, signal);
    const only = { versionId: null, isLatest: true, isDeletion: false };
    return { versions: objects.map((object) => ({ ...object, ...only })), cursor };
  }

  async pieces(object: ObjectInfo, signal: AbortSignal): Promise<readonly Piece[] | null> {
    signal.throwIfAborted();
    const { parts } = this.#pinned(object);
    if (!this.#options.keepsSha256 || parts.length === 0) return null;
    let start = 0;
    return parts.map(({ sizeBytes, sha256 }) => {
      const piece = { start, end: start + sizeBytes, sha256 };
      start = piece.end;
      return piece;
    });
  }

  async wholeCrc(object: ObjectInfo, signal: AbortSignal): Promise<null> {
    signal.throwIfAborted();
    this.#pinned(object);
    return null;
  }

  async uploadedPartBytes(object: ObjectInfo, signal: AbortSignal): Promise<number | null> {
    signal.throwIfAborted();
    return this.#pinned(object).partSizeBytes;
  }

  async openUpload(key: string, options: UploadOptions, signal: AbortSignal): Promise<UploadRef> {
    signal.throwIfAborted();
    const { uploadId } = this.#bucket.openUpload(key, options.partSizeBytes);
    return { key, uploadId };
  }

  async findUploads(key: string, signal: AbortSignal): Promise<readonly FoundUpload[]> {
    signal.throwIfAborted();
    return [...this.#bucket.uploads.values()]
      .filter((upload) => upload.key === key)
      .map(({ uploadId, startedAtMs }) => ({ key, uploadId, startedAtMs }))
      .toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  }

  async listParts(
    { uploadId }: UploadRef,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<StoredPartPage> {
    signal.throwIfAborted();
    const all = [...this.#bucket.upload(uploadId).parts.values()]
      .filter(({ number }) => number > Number(cursor ?? 0))
      .toSorted((a, b) => a.number - b.number);
    const page = all.slice(0, this.#options.partsPerPage);
    return {
      parts: page.map(({ number, sizeBytes, etag, sha256 }) => ({
        number,
        sizeBytes,
        etag,
        sha256: this.#options.keepsSha256 ? sha256 : null,
      })),
      cursor: all.length > page.length ? String(page.at(-1)?.number) : null,
    };
  }

  async sign(operation: DataOperation, signal: AbortSignal): Promise<SignedOrder> {
    signal.throwIfAborted();
    return operation.kind === "get" ? this.#signGet(operation) : this.#signPut(operation);
  }

  readStored(_operation: PutOperation, response: WireResponse): Stored {
    const etag = response.headers["etag"];
    if (response.status !== 200 || etag === undefined) throw toError(response);
    return { etag, versionId: null, isSha256Kept: this.#options.keepsSha256 };
  }

  /** Its HTTP face says no digests. */
  readSha256(): null {
    return null;
  }

  readCrc(): null {
    return null;
  }

  /** Nor anything else. */
  readFacts(): ObjectFacts {
    return { metadata: {}, versionId: null, storageClass: null, access: "ready" };
  }

  explainRefusal(_operation: GetOperation, response: WireResponse): LonghaulError {
    const error = toError(response);
    return error.code === "object-missing"
      ? new LonghaulError("object-changed", "the object is gone")
      : error;
  }

  async complete(order: CompleteOrder, signal: AbortSignal): Promise<Stored> {
    signal.throwIfAborted();
    const { upload, parts, condition } = order;
    const { etag } = this.#bucket.complete(upload.uploadId, parts, condition);
    return { etag, versionId: null, isSha256Kept: this.#options.keepsSha256 };
  }

  async abort({ uploadId }: UploadRef, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#bucket.uploads.delete(uploadId);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#bucket.objects.delete(key);
  }

  async removeAll(
    objects: readonly RemoveOrder[],
    signal: AbortSignal,
  ): Promise<readonly Removed[]> {
    signal.throwIfAborted();
    return objects.map(({ key, etag }) => {
      const isOther = (this.#bucket.objects.get(key)?.etag ?? etag) !== etag;
      if (isOther) return { outcome: "changed" };
      this.#bucket.objects.delete(key);
      return { outcome: "removed", keepsVersions: false };
    });
  }

  get #bucket(): MemoryBucket {
    return this.#options.bucket;
  }

  #pinned({ key, etag }: ObjectInfo): MemoryObject {
    const object = this.#bucket.object(key);
    if (object.etag === etag) return object;
    throw new LonghaulError("object-changed", "the object was replaced");
  }

  #signGet({ object, range }: GetOperation): SignedOrder {
    const { key, etag, sizeBytes } = object;
    const headers = {
      "if-match": etag,
      ...(range && { range: `bytes=${range.start}-${range.end - 1}` }),
    };
    const request = this.#request("GET", `/object?key=${encodeURIComponent(key)}`, headers);
    if (!range)
      return { request, expect: { status: 200, contentLength: sizeBytes, headers: { etag } } };
    const contentRange = `bytes ${range.start}-${range.end - 1}/${sizeBytes}`;
    const expected = { etag, "content-range": contentRange };
    return { request, expect: { status: 206, contentLength: lengthOf(range), headers: expected } };
  }

  #signPut(operation: PutOperation): SignedOrder {
    const target =
      operation.kind === "put"
        ? `/object?key=${encodeURIComponent(operation.key)}`
        : `/part?upload=${operation.upload.uploadId}&number=${operation.number}`;
    const headers = {
      "x-memory-sha256": operation.sha256,
      ...(operation.kind === "put" && conditionHeaders(operation.condition)),
    };
    const expect = { status: 200, contentLength: 0, headers: {} };
    return { request: this.#request("PUT", target, headers), expect };
  }

  #request(
    method: WireRequest["method"],
    target: string,
    headers: Record<string, string>,
  ): WireRequest {
    return { method, url: this.#options.origin + target, headers };
  }
}

function conditionHeaders(condition: WriteCondition): Record<string, string> {
  if (condition.kind === "any") return {};
  return condition.kind === "absent" ? { "if-none-match": "*" } : { "if-match": condition.etag };
}

/** Keys and folded prefixes in key order, after the cursor. */
function namesOf(keys: readonly string[], query: ListQuery): string[] {
  const names = keys
    .filter((key) => key.startsWith(query.prefix))
    .map((key) => {
      const slash = query.isFolded ? key.indexOf("/", query.prefix.length) : -1;
      return slash === -1 ? key : key.slice(0, slash + 1);
    });
  const after = query.cursor ?? query.startAfter ?? "";
  return [...new Set(names)].filter((name) => compareKeys(name, after) > 0).toSorted(compareKeys);
}

function isPrefix(name: string, query: ListQuery): boolean {
  return query.isFolded && name.length > query.prefix.length && name.endsWith("/");
}

function toInfo(key: string, object: MemoryObject): ObjectInfo {
  const { bytes, etag, modifiedAtMs } = object;
  return { key, sizeBytes: bytes.length, etag, versionId: null, modifiedAtMs };
}

function toError({ headers, status }: WireResponse): LonghaulError {
  const code = ErrorCode.safeParse(headers[ERROR_HEADER]);
  return new LonghaulError(code.success ? code.data : "protocol", `the face answered ${status}`, {
    details: { status },
  });
}
