import { hash } from "node:crypto";
import { LonghaulError } from "#shared/errors.ts";
import { compareKeys } from "../stores/key-order.ts";
import type * as S from "../stores/store.ts";
import type { WireRequest, WireResponse } from "../wire/wire.ts";

type Upload = {
  readonly key: string;
  readonly startedAtMs: number;
  readonly parts: Map<number, Held>;
};
type Held = { readonly bytes: Buffer; readonly stored: S.StoredPart };
type Kept = {
  readonly bytes: Buffer;
  readonly info: S.ObjectInfo;
  readonly pieces: S.Piece[] | null;
};

type Got = {
  readonly status: number;
  readonly headers: WireResponse["headers"];
  readonly bytes: Buffer;
};

/** What a test makes of one call; throwing is the store failing before it did anything. */
export type Script = (call: string, attempt: number) => void | Promise<void>;

/** A store for tests: holds bytes, counts calls by name, and fails as `script` says. */
export class FakeStore implements S.Store {
  limits: S.PartLimits = { minPartBytes: 1, maxPartBytes: 5 * 1024 ** 3, maxParts: 10_000 };
  readonly objects = new Map<string, Kept>();
  readonly uploads = new Map<string, Upload>();
  /** What was said of each key when it was last sent. */
  readonly attributes = new Map<string, S.ObjectAttributes | undefined>();
  /** What objects say of themselves, by key. */
  readonly facts = new Map<string, S.ObjectFacts>();
  readonly calls: string[] = [];
  /** Pages of the listing that were asked for, which are not among the calls. */
  listCount = 0;
  /** Called before a call takes effect. */
  before: Script = () => undefined;
  /** Called after it took effect: throwing loses the answer. */
  after: Script = () => undefined;
  isSha256Kept = true;
  /** What the origin says of every object as a whole. */
  crc: S.WholeCrc | null = null;
  /** ETags that are no digest, as with server-side encryption. */
  isEtagOpaque = false;
  nowMs = 0;
  keepsVersions = false;
  /** Objects on a page of the listing, which has no more than one page unless told. */
  pageSize = Infinity;
  readonly #operations = new Map<string, S.DataOperation>();

  count(call: string): number {
    return this.calls.filter((made) => made === call).length;
  }

  /** Puts an object there, made of parts of `partBytes`, or in one PUT. */
  seed(key: string, bytes: Buffer, partBytes = 0): S.ObjectInfo {
    const cuts = partBytes === 0 ? [bytes] : cutBuffer(bytes, partBytes);
    return this.#keep(key, bytes, cuts, partBytes !== 0);
  }

  async stat(key: string): Promise<S.ObjectInfo> {
    return await this.#call(`stat ${key}`, () => {
      const kept = this.objects.get(key);
      if (kept === undefined) throw new LonghaulError("object-missing", key);
      const facts = this.facts.get(key);
      return { ...kept.info, ...(facts && { facts }) };
    });
  }

  async list({ prefix, cursor }: S.ListQuery): Promise<S.ListPage> {
    this.listCount += 1;
    const attempt = this.listCount;
    await this.before("list", attempt);
    const all = [...this.objects.values()]
      .map(({ info }) => info)
      .filter(({ key }) => key.startsWith(prefix))
      .toSorted((a, b) => compareKeys(a.key, b.key));
    const from = Number(cursor ?? 0);
    const end = from + this.pageSize;
    const page = {
      objects: all.slice(from, end),
      prefixes: [],
      cursor: end < all.length ? `${end}` : null,
    };
    await this.after("list", attempt);
    return page;
  }

  async pieces(object: S.ObjectInfo): Promise<readonly S.Piece[] | null> {
    return await this.#call(`pieces ${object.key}`, () => {
      const kept = this.objects.get(object.key);
      return this.isSha256Kept ? (kept?.pieces ?? null) : null;
    });
  }

  async wholeCrc(object: S.ObjectInfo): Promise<S.WholeCrc | null> {
    return await this.#call(`wholeCrc ${object.key}`, () => this.crc);
  }

  async uploadedPartBytes(object: S.ObjectInfo): Promise<number | null> {
    return await this.#call(`uploadedPartBytes ${object.key}`, () => null);
  }

  async listVersions(query: S.VersionQuery): Promise<S.VersionPage> {
    const { objects } = await this.list({ ...query, isFolded: false });
    const only = { isLatest: true, isDeletion: false };
    return { versions: objects.map((object) => ({ ...object, ...only })), cursor: null };
  }

  async openUpload(
    key: string,
    options?: S.UploadOptions,
    signal?: AbortSignal,
  ): Promise<S.UploadRef> {
    const opening = this.#call("open", () => {
      this.attributes.set(key, options?.attributes);
      const uploadId = `u${this.uploads.size + 1}`;
      this.uploads.set(uploadId, { key, startedAtMs: this.nowMs, parts: new Map() });
      return { key, uploadId };
    });
    return await heard(opening, signal);
  }

  async findUploads(key: string): Promise<readonly S.FoundUpload[]> {
    return await this.#call("findUploads", () =>
      [...this.uploads.entries()]
        .filter(([, upload]) => upload.key === key)
        .map(([uploadId, { startedAtMs }]) => ({ key, uploadId, startedAtMs })),
    );
  }

  /** Pages of two, so that paging is always tried. */
  async listParts(upload: S.UploadRef, cursor: string | null): Promise<S.StoredPartPage> {
    return await this.#call("listParts", () => {
      const all = [...this.#upload(upload).parts.values()]
        .map(({ stored }) => stored)
        .toSorted((a, b) => a.number - b.number);
      const from = Number(cursor ?? 0);
      return {
        parts: all.slice(from, from + 2),
        cursor: from + 2 < all.length ? `${from + 2}` : null,
      };
    });
  }

  async sign(operation: S.DataOperation): Promise<S.SignedOrder> {
    const url = `fake://${this.#operations.size}`;
    this.#operations.set(url, operation);
    return { request: { method: "PUT", url, headers: {} }, expect: expectationOf(operation) };
  }

  readStored(_operation: S.PutOperation, response: WireResponse): S.Stored {
    if (response.status === 400) throw new LonghaulError("corrupt", "BadDigest");
    if (response.status !== 200) throw new LonghaulError("server-failed", `${response.status}`);
    const etag = response.headers["etag"] ?? "";
    return { etag, versionId: null, isSha256Kept: this.isSha256Kept };
  }

  readSha256({ range }: S.GetOperation, headers: WireResponse["headers"]): string | null {
    return range === null ? (headers["sha256"] ?? null) : null;
  }

  readCrc({ range }: S.GetOperation): S.WholeCrc | null {
    return range === null ? this.crc : null;
  }

  readFacts(headers: WireResponse["headers"]): S.ObjectFacts {
    const found = this.facts.get(headers["key"] ?? "");
    return found ?? { metadata: {}, versionId: null, storageClass: null, access: "ready" };
  }

  explainRefusal(_operation: S.GetOperation, response: WireResponse): LonghaulError {
    if (response.status === 412) return new LonghaulError("object-changed", "412");
    if (response.status === 404) return new LonghaulError("object-missing", "404");
    return new LonghaulError("server-failed", `${response.status}`);
  }

  async complete(order: S.CompleteOrder): Promise<S.Stored> {
    return await this.#call("complete", () => {
      const upload = this.#upload(order.upload);
      this.#assertFree(order.upload.key, order.condition);
      const buffers = order.parts.map((part) => this.#partBytes(upload, part));
      this.uploads.delete(order.upload.uploadId);
      const { etag } = this.#keep(order.upload.key, Buffer.concat(buffers), buffers, true);
      return { etag, versionId: "v1", isSha256Kept: this.isSha256Kept };
    });
  }

  async abort({ uploadId }: S.UploadRef): Promise<void> {
    await this.#call("abort", () => this.uploads.delete(uploadId));
  }

  async remove(key: string): Promise<void> {
    this.objects.delete(key);
  }

  async removeAll(orders: readonly S.RemoveOrder[]): Promise<readonly S.Removed[]> {
    return await this.#call(`removeAll ${orders.length}`, () =>
      orders.map(({ key, etag }): S.Removed => {
        const isOther = (this.objects.get(key)?.info.etag ?? etag) !== etag;
        if (isOther) return { outcome: "changed" };
        this.objects.delete(key);
        return { outcome: "removed", keepsVersions: this.keepsVersions };
      }),
    );
  }

  /** What the server answers to a PUT; only the fake wire calls it. */
  async put(request: WireRequest, body: Buffer): Promise<WireResponse> {
    const operation = this.#operationOf(request);
    if (operation.kind === "get") throw new Error("not a put");
    const name = operation.kind === "put" ? "put" : `part ${operation.number}`;
    return await this.#call(name, () => {
      if (hash("sha256", body) !== operation.sha256) return answer(400, "");
      const etag = this.#etagOf(hash("md5", body));
      if (operation.kind === "put") {
        this.#assertFree(operation.key, operation.condition);
        this.attributes.set(operation.key, operation.attributes);
        this.#keep(operation.key, body, [body], false);
      } else this.#keepPart(operation, body, etag);
      return answer(200, etag);
    });
  }

  /** What the server answers to a GET. */
  async get(request: WireRequest): Promise<Got> {
    const operation = this.#operationOf(request);
    if (operation.kind !== "get") throw new Error("not a get");
    const { object, range } = operation;
    const { start, end } = range ?? { start: 0, end: object.sizeBytes };
    return await this.#call(`get ${range === null ? "all" : `${start}-${end}`}`, () => {
      const kept = this.objects.get(object.key);
      if (kept === undefined) return refused(404);
      if (kept.info.etag !== object.etag) return refused(412);
      const whole = this.isSha256Kept ? { sha256: hash("sha256", kept.bytes) } : {};
      const headers: Got["headers"] = range === null ? { ...whole, key: object.key } : {};
      return {
        status: range === null ? 200 : 206,
        headers,
        bytes: kept.bytes.subarray(start, end),
      };
    });
  }

  #operationOf({ url }: WireRequest): S.DataOperation {
    const operation = this.#operations.get(url);
    if (operation === undefined) throw new Error(`not signed: ${url}`);
    return operation;
  }

  #upload({ uploadId }: S.UploadRef): Upload {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) throw new LonghaulError("upload-gone", uploadId);
    return upload;
  }

  #keepPart(operation: S.PutOperation & { kind: "put-part" }, bytes: Buffer, etag: string): void {
    const { number, sizeBytes } = operation;
    const sha256 = this.isSha256Kept ? operation.sha256 : null;
    const stored = { number, sizeBytes, etag, sha256 };
    this.#upload(operation.upload).parts.set(number, { bytes, stored });
  }

  #partBytes(upload: Upload, { number, etag }: S.StoredPart): Buffer {
    const held = upload.parts.get(number);
    if (held === undefined || held.stored.etag !== etag)
      throw new LonghaulError("invalid", "InvalidPart");
    return held.bytes;
  }

  #assertFree(key: string, condition: S.WriteCondition): void {
    const etag = this.objects.get(key)?.info.etag;
    const isFree =
      condition.kind === "any" ||
      (condition.kind === "absent" ? etag === undefined : etag === condition.etag);
    if (!isFree) throw new LonghaulError("conflict", key);
  }

  #keep(key: string, bytes: Buffer, cuts: readonly Buffer[], isMultipart: boolean): S.ObjectInfo {
    const etag = isMultipart ? compositeOf(cuts) : hash("md5", bytes);
    const info = {
      key,
      sizeBytes: bytes.length,
      etag: this.#etagOf(etag),
      versionId: null,
      modifiedAtMs: 0,
    };
    this.objects.set(key, { bytes: Buffer.from(bytes), info, pieces: piecesOf(cuts) });
    return info;
  }

  #etagOf(md5: string): string {
    return this.isEtagOpaque ? `"opaque-${hash("sha1", md5).slice(0, 8)}"` : `"${md5}"`;
  }

  async #call<T>(name: string, effect: () => T): Promise<T> {
    this.calls.push(name);
    const attempt = this.count(name);
    await this.before(name, attempt);
    const result = effect();
    await this.after(name, attempt);
    return result;
  }
}

/** Whoever does not listen any more has no answer; the store goes on with what it was asked for. */
async function heard<T>(asked: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await asked;
  const { promise: deaf, reject } = Promise.withResolvers<never>();
  const turnAway = () => reject(signal.reason);
  signal.addEventListener("abort", turnAway, { once: true });
  try {
    return await Promise.race([asked, deaf]);
  } finally {
    signal.removeEventListener("abort", turnAway);
  }
}

function compositeOf(cuts: readonly Buffer[]): string {
  const digests = Buffer.concat(cuts.map((cut) => hash("md5", cut, "buffer")));
  return `${hash("md5", digests)}-${cuts.length}`;
}

function refused(status: number): Got {
  return { status, headers: {}, bytes: Buffer.alloc(0) };
}

function answer(status: number, etag: string): WireResponse {
  return { status, headers: { etag }, body: new Uint8Array() };
}

function expectationOf(operation: S.DataOperation): S.SignedOrder["expect"] {
  if (operation.kind !== "get") return { status: 200, contentLength: 0, headers: {} };
  const { object, range } = operation;
  const contentLength = range === null ? object.sizeBytes : range.end - range.start;
  return { status: range === null ? 200 : 206, contentLength, headers: {} };
}

export function cutBuffer(bytes: Buffer, partBytes: number): Buffer[] {
  const count = Math.ceil(bytes.length / partBytes);
  return Array.from({ length: count }, (_, at) =>
    bytes.subarray(at * partBytes, (at + 1) * partBytes),
  );
}

function piecesOf(cuts: readonly Buffer[]): S.Piece[] {
  let start = 0;
  return cuts.map((cut) => {
    const piece = { start, end: start + cut.length, sha256: hash("sha256", cut) };
    start = piece.end;
    return piece;
  });
}
