import { LonghaulError } from "#shared/errors.ts";
import type { BucketAccess } from "#shared/object-options.ts";
import type { Clock } from "../../flow/clock.ts";
import type { CredentialProvider } from "../../profiles/credentials.ts";
import type { WireResponse } from "../../wire/wire.ts";
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
  WriteCondition,
} from "../store.ts";
import { accessHeaders } from "./attribute-headers.ts";
import { RequestSigner } from "./request-signer.ts";
import { addressOf, checkKey, pathOf } from "./s3-address.ts";
import type { S3Address, S3Location } from "./s3-address.ts";
import { S3Control } from "./s3-control.ts";
import type { RouteTo } from "./s3-control.ts";
import { readCrc, readSha256, S3Data } from "./s3-data.ts";
import { LearnedLimits } from "./learned-limits.ts";
import { readFacts } from "./object-facts.ts";
import type { Quirks } from "./s3-data.ts";
import { S3Heads } from "./s3-heads.ts";
import { listPage } from "./s3-listing.ts";
import { listVersionPage } from "./s3-versions.ts";
import { isEtagOfParts } from "./s3-names.ts";
import { S3Pieces } from "./s3-pieces.ts";
import { S3Removal } from "./s3-removal.ts";
import { S3Uploads } from "./s3-uploads.ts";
import { ServerClock } from "./server-clock.ts";

const CALL_DEADLINE_MS = 60_000;

export type S3StoreOptions = S3Location & {
  readonly bucket: string;
  readonly credentials: CredentialProvider;
  readonly clock: Clock;
  /**
   * The endpoint keeps `If-None-Match` and `If-Match` of writes, also at Complete. Elsewhere the key
   * is looked at just before, which leaves a moment in which another writer can win.
   */
  readonly isConditionHonoured: boolean;
  /** It also keeps them of deletions; elsewhere each object is looked at just before. */
  readonly isRemovalConditional?: boolean;
  /** A write probe has shown since that it does. */
  readonly isConditionShown?: () => boolean;
  /** For each address of the endpoint; 5 s unless told. */
  readonly connectTimeoutMs?: number;
  readonly access?: BucketAccess;
  /** Told by how much this machine's clock is ahead of the server's, and 0 when it is right again. */
  readonly onSkew?: ((aheadMs: number) => void) | undefined;
  /** Most parts of an upload, where the endpoint takes fewer than S3. */
  readonly maxParts?: number | undefined;
  /** Told when the endpoint turns out to take fewer than that. */
  readonly onPartCap?: ((maxParts: number) => void) | undefined;
  readonly routeTo?: RouteTo | undefined;
};

/** @throws {LonghaulError} `invalid` for a bucket name or region that cannot be. */
export function createS3Store(options: S3StoreOptions): S3Store {
  return new S3Store(options);
}

/** One bucket of S3, or of a server that speaks S3. */
export class S3Store implements Store {
  readonly #limits: LearnedLimits;
  readonly #bucket: string;
  readonly #address: S3Address;
  readonly #isConditionHonoured: () => boolean;
  readonly #quirks: Quirks;
  readonly #control: S3Control;
  readonly #heads: S3Heads;
  readonly #pieces: S3Pieces;
  readonly #uploads: S3Uploads;
  readonly #data: S3Data;
  readonly #removal: S3Removal;

  constructor(options: S3StoreOptions) {
    const { bucket, region, connectTimeoutMs = 5000 } = options;
    const address = addressOf(options, bucket);
    const clock = new ServerClock(options.clock, options.onSkew);
    const signer = new RequestSigner(options.credentials, region, clock);
    const quirks: Quirks = {
      refusesChecksums: false,
      refusesConditions: false,
      deniesVersions: false,
    };
    this.#quirks = quirks;
    this.#bucket = bucket;
    this.#address = address;
    this.#isConditionHonoured = () =>
      options.isConditionHonoured || options.isConditionShown?.() === true;
    const { routeTo } = options;
    const everywhere = { accessHeaders: accessHeaders(options.access ?? {}), routeTo };
    const control = { address, bucket, region, signer, connectTimeoutMs, ...everywhere };
    this.#control = new S3Control(control);
    this.#heads = new S3Heads(this.#control, address, quirks);
    this.#pieces = new S3Pieces(this.#control, this.#heads, bucket);
    this.#uploads = new S3Uploads(this.#control, bucket, quirks);
    this.#removal = new S3Removal({
      control: this.#control,
      bucket,
      isConditional: options.isRemovalConditional === true,
      find: async (key, signal) => await this.#statOrNull(key, signal),
      removeOne: async (key, signal) => await this.remove(key, signal),
    });
    this.#limits = new LearnedLimits(options.maxParts, options.onPartCap);
    const learning = { quirks, limits: this.#limits };
    this.#data = new S3Data({
      address,
      signer,
      control: this.#control,
      ...learning,
      ...everywhere,
    });
  }

  /** As far as is known by now. */
  get limits(): PartLimits {
    return this.#limits.now;
  }

  async stat(key: string, signal: AbortSignal, versionId?: string): Promise<ObjectInfo> {
    checkKey(key);
    return this.#heads.stat(key, signal, versionId);
  }

  async list(query: ListQuery, signal: AbortSignal): Promise<ListPage> {
    return listPage(this.#control, this.#bucket, query, signal);
  }

  async listVersions(query: VersionQuery, signal: AbortSignal): Promise<VersionPage> {
    return listVersionPage(this.#control, this.#bucket, query, signal);
  }

  async pieces(object: ObjectInfo, signal: AbortSignal): Promise<readonly Piece[] | null> {
    return this.#pieces.find(object, signal);
  }

  async wholeCrc(object: ObjectInfo, signal: AbortSignal): Promise<WholeCrc | null> {
    return this.#pieces.wholeCrc(object, signal);
  }

  async uploadedPartBytes(object: ObjectInfo, signal: AbortSignal): Promise<number | null> {
    return this.#heads.uploadedPartBytes(object, signal);
  }

  async openUpload(key: string, options: UploadOptions, signal: AbortSignal): Promise<UploadRef> {
    checkKey(key);
    return this.#uploads.open(key, options, signal);
  }

  async findUploads(key: string, signal: AbortSignal): Promise<readonly FoundUpload[]> {
    checkKey(key);
    return this.#uploads.find(key, signal);
  }

  async listParts(
    upload: UploadRef,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<StoredPartPage> {
    return this.#uploads.listParts(upload, cursor, signal);
  }

  async sign(operation: DataOperation, signal: AbortSignal): Promise<SignedOrder> {
    if (operation.kind !== "put") return this.#data.sign(operation, { kind: "any" }, signal);
    checkKey(operation.key);
    const condition = await this.#settle(operation.key, operation.condition, signal);
    return this.#data.sign(operation, condition, signal);
  }

  readStored(operation: PutOperation, response: WireResponse): Stored {
    const stored = this.#data.readStored(operation, response);
    const isPlain = operation.kind !== "put" || operation.condition.kind === "any";
    return isPlain || this.#keepsConditions() ? stored : { ...stored, isCheckedBefore: true };
  }

  readSha256(operation: GetOperation, headers: WireResponse["headers"]): string | null {
    return readSha256(operation, headers);
  }

  readCrc(operation: GetOperation, headers: WireResponse["headers"]): WholeCrc | null {
    return readCrc(operation, headers);
  }

  readFacts(headers: WireResponse["headers"]): ObjectFacts {
    return readFacts(headers);
  }

  explainRefusal(operation: GetOperation, response: WireResponse): LonghaulError {
    return this.#data.explainRefusal(operation, response);
  }

  async complete(order: CompleteOrder, signal: AbortSignal): Promise<Stored> {
    const condition = await this.#settle(order.upload.key, order.condition, signal);
    try {
      const stored = await this.#completeIfThere({ ...order, condition }, signal);
      const done = stored ?? (await this.#confirm(order, signal));
      return condition === order.condition ? done : { ...done, isCheckedBefore: true };
    } catch (thrown) {
      if (condition.kind === "any" || !isNotImplemented(thrown)) throw thrown;
    }
    this.#quirks.refusesConditions = true;
    return await this.complete(order, signal);
  }

  renew(addresses: readonly string[] | null): void {
    this.#control.renew(addresses);
  }

  async abort(upload: UploadRef, signal: AbortSignal): Promise<void> {
    return this.#uploads.abort(upload, signal);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    checkKey(key);
    await this.#control.exchange(
      {
        method: "DELETE",
        origin: this.#address.origin,
        path: pathOf(this.#address, key),
        query: [],
        headers: {},
        body: null,
      },
      {
        subject: { action: "s3:DeleteObject", target: "bucket", key },
        deadlineMs: CALL_DEADLINE_MS,
        signal,
      },
    );
  }

  async removeAll(
    objects: readonly RemoveOrder[],
    signal: AbortSignal,
  ): Promise<readonly Removed[]> {
    return await this.#removal.removeAll(objects, signal);
  }

  /** Ceph answers 500 to the end of an upload that is not there, for ever; its parts tell. */
  async #completeIfThere(order: CompleteOrder, signal: AbortSignal): Promise<Stored | null> {
    try {
      return await this.#uploads.complete(order, signal);
    } catch (thrown) {
      if (thrown instanceof LonghaulError && thrown.code === "server-failed") {
        await this.#uploads.listParts(order.upload, null, signal);
      }
      const partBytes = order.parts[0]?.sizeBytes ?? 0;
      throw thrown instanceof LonghaulError
        ? this.#limits.explainComplete(thrown, partBytes)
        : thrown;
    }
  }

  /** Ceph leaves the ETag of a result empty. The object itself tells whether it is the one meant. */
  async #confirm(
    { upload, parts, sizeBytes, condition }: CompleteOrder,
    signal: AbortSignal,
  ): Promise<Stored> {
    const { key } = upload;
    const found = await this.#statOrNull(key, signal);
    const isOld = condition.kind === "same" && found?.etag === condition.etag;
    if (found?.sizeBytes === sizeBytes && !isOld && isEtagOfParts(found.etag, parts)) {
      return { etag: found.etag, versionId: found.versionId, isSha256Kept: false };
    }
    throw this.#control.unreadable({ action: "s3:PutObject", target: "upload", key });
  }

  #keepsConditions(): boolean {
    return this.#isConditionHonoured() && !this.#quirks.refusesConditions;
  }

  /** The condition that the server is to keep; one that it would not keep is checked here and now. */
  async #settle(
    key: string,
    condition: WriteCondition,
    signal: AbortSignal,
  ): Promise<WriteCondition> {
    if (condition.kind === "any" || this.#keepsConditions()) return condition;
    const found = await this.#statOrNull(key, signal);
    const holds = condition.kind === "absent" ? found === null : found?.etag === condition.etag;
    if (holds) return { kind: "any" };
    throw new LonghaulError("conflict", "another object has the key by now", {
      details: { bucket: this.#bucket, key, endpoint: this.#address.endpointOrigin },
    });
  }

  async #statOrNull(key: string, signal: AbortSignal): Promise<ObjectInfo | null> {
    try {
      return await this.stat(key, signal);
    } catch (thrown) {
      if (thrown instanceof LonghaulError && thrown.code === "object-missing") return null;
      throw thrown;
    }
  }
}

function isNotImplemented(thrown: unknown): boolean {
  return thrown instanceof LonghaulError && thrown.details.status === 501;
}
