import { LonghaulError } from "#shared/errors.ts";
import type { WireResponse } from "../wire/wire.ts";
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
  WholeCrc,
} from "./store.ts";

/**
 * A store that moves to the region where the bucket is, once, as soon as a refusal names it. The
 * names of AWS's own endpoints follow from the region; at any other endpoint it is only what
 * signatures name, and the same host is asked.
 */
export class RegionFollowingStore implements Store {
  readonly #open: (region: string) => Store;
  #store: Store;
  #hasMoved = false;
  /** The store that signed an operation also reads its answer. */
  readonly #signers = new WeakMap<DataOperation, Store>();

  constructor(region: string, open: (region: string) => Store) {
    this.#open = open;
    this.#store = open(region);
  }

  get limits(): PartLimits {
    return this.#store.limits;
  }

  async stat(key: string, signal: AbortSignal, versionId?: string): Promise<ObjectInfo> {
    return this.#follow(async (store) => store.stat(key, signal, versionId));
  }

  async list(query: ListQuery, signal: AbortSignal): Promise<ListPage> {
    return this.#follow(async (store) => store.list(query, signal));
  }

  async listVersions(query: VersionQuery, signal: AbortSignal): Promise<VersionPage> {
    return this.#follow(async (store) => store.listVersions(query, signal));
  }

  async pieces(object: ObjectInfo, signal: AbortSignal): Promise<readonly Piece[] | null> {
    return this.#follow(async (store) => store.pieces(object, signal));
  }

  async wholeCrc(object: ObjectInfo, signal: AbortSignal): Promise<WholeCrc | null> {
    return this.#follow(async (store) => store.wholeCrc(object, signal));
  }

  async uploadedPartBytes(object: ObjectInfo, signal: AbortSignal): Promise<number | null> {
    return this.#follow(async (store) => store.uploadedPartBytes(object, signal));
  }

  async openUpload(key: string, options: UploadOptions, signal: AbortSignal): Promise<UploadRef> {
    return this.#follow(async (store) => store.openUpload(key, options, signal));
  }

  async findUploads(key: string, signal: AbortSignal): Promise<readonly FoundUpload[]> {
    return this.#follow(async (store) => store.findUploads(key, signal));
  }

  async listParts(
    upload: UploadRef,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<StoredPartPage> {
    return this.#follow(async (store) => store.listParts(upload, cursor, signal));
  }

  async sign(operation: DataOperation, signal: AbortSignal): Promise<SignedOrder> {
    return this.#follow(async (store) => {
      this.#signers.set(operation, store);
      return store.sign(operation, signal);
    });
  }

  readStored(operation: PutOperation, response: WireResponse): Stored {
    const signer = this.#signerOf(operation);
    try {
      return signer.readStored(operation, response);
    } catch (thrown) {
      throw this.#hasMovedAfter(thrown, signer) ? askAgain(thrown) : thrown;
    }
  }

  readSha256(operation: GetOperation, headers: WireResponse["headers"]): string | null {
    return this.#signerOf(operation).readSha256(operation, headers);
  }

  readCrc(operation: GetOperation, headers: WireResponse["headers"]): WholeCrc | null {
    return this.#signerOf(operation).readCrc(operation, headers);
  }

  readFacts(headers: WireResponse["headers"]): ObjectFacts {
    return this.#store.readFacts(headers);
  }

  explainRefusal(operation: GetOperation, response: WireResponse): LonghaulError {
    const signer = this.#signerOf(operation);
    const refusal = signer.explainRefusal(operation, response);
    return this.#hasMovedAfter(refusal, signer) ? askAgain(refusal) : refusal;
  }

  async complete(order: CompleteOrder, signal: AbortSignal): Promise<Stored> {
    return this.#follow(async (store) => store.complete(order, signal));
  }

  renew(addresses: readonly string[] | null): void {
    this.#store.renew?.(addresses);
  }

  async abort(upload: UploadRef, signal: AbortSignal): Promise<void> {
    return this.#follow(async (store) => store.abort(upload, signal));
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    return this.#follow(async (store) => store.remove(key, signal));
  }

  async removeAll(
    objects: readonly RemoveOrder[],
    signal: AbortSignal,
  ): Promise<readonly Removed[]> {
    return this.#follow(async (store) => store.removeAll(objects, signal));
  }

  async #follow<T>(call: (store: Store) => Promise<T>): Promise<T> {
    const asked = this.#store;
    try {
      return await call(asked);
    } catch (thrown) {
      if (!this.#hasMovedAfter(thrown, asked)) throw thrown;
      return call(this.#store);
    }
  }

  #signerOf(operation: DataOperation): Store {
    return this.#signers.get(operation) ?? this.#store;
  }

  /** True when the bucket is asked in another region now than it was when `thrown` came of it. */
  #hasMovedAfter(thrown: unknown, asked: Store): boolean {
    if (!(thrown instanceof LonghaulError) || thrown.code !== "wrong-region") return false;
    if (this.#store !== asked) return true;
    const { region } = thrown.details;
    if (region === undefined || this.#hasMoved) return false;
    this.#hasMoved = true;
    this.#store = this.#open(region);
    return true;
  }
}

/** The same as a failure that the next attempt, in the right region, will not meet. */
function askAgain(thrown: unknown): LonghaulError {
  const details = thrown instanceof LonghaulError ? thrown.details : {};
  return new LonghaulError("server-failed", "the bucket is in another region; asked again there", {
    details,
    cause: thrown,
  });
}
