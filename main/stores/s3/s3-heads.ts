import { LonghaulError } from "#shared/errors.ts";
import { PART_SIZE_METADATA } from "#shared/object-options.ts";
import type { ObjectFacts, ObjectInfo } from "../store.ts";
import { readFacts } from "./object-facts.ts";
import { pathOf } from "./s3-address.ts";
import type { S3Address } from "./s3-address.ts";
import type { ControlCall, ControlRequest, S3Control } from "./s3-control.ts";
import { crcsInHeaders } from "./s3-crcs.ts";
import type { SaidCrcs } from "./s3-crcs.ts";
import { pinnable } from "./s3-data.ts";
import type { Quirks } from "./s3-data.ts";
import { partCountOf } from "./s3-names.ts";
import type { QueryPair } from "./sigv4.ts";

const CALL_DEADLINE_MS = 60_000;
const CHECKSUM_MODE = "x-amz-checksum-mode";

type Headers = Readonly<Record<string, string>>;

/** What a HEAD says of an object, or of one part of it. */
export type ObjectHead = {
  /** Of the part, if one was asked for. */
  readonly sizeBytes: number;
  readonly etag: string;
  readonly versionId: string | null;
  readonly modifiedAtMs: number;
  /** Base64; `…-N` is the composite of N parts. */
  readonly sha256: string | undefined;
  readonly crcs: SaidCrcs;
  /** Our own metadata. */
  readonly partSize: string | undefined;
  readonly partsCount: string | undefined;
  readonly facts: ObjectFacts;
};

export type HeadOptions = {
  /** Pins the version that is asked about. */
  readonly object?: ObjectInfo;
  readonly partNumber?: number;
  /** The version to ask about where none is pinned yet. */
  readonly versionId?: string;
  readonly signal: AbortSignal;
};

/** HEAD requests of one bucket, without the SDK: there is no XML in them, and small files need many. */
export class S3Heads {
  readonly #control: S3Control;
  readonly #address: S3Address;
  readonly #quirks: Pick<Quirks, "refusesChecksums">;
  /** The bucket answered for an object once, so a bare 404 is about the key. */
  #isBucketThere = false;

  constructor(
    control: S3Control,
    address: S3Address,
    quirks: Pick<Quirks, "refusesChecksums"> = { refusesChecksums: false },
  ) {
    this.#control = control;
    this.#address = address;
    this.#quirks = quirks;
  }

  async stat(key: string, signal: AbortSignal, versionId?: string): Promise<ObjectInfo> {
    const asked = { signal, ...(versionId !== undefined && { versionId }) };
    const { sizeBytes, etag, modifiedAtMs, ...head } = await this.head(key, asked);
    return { key, sizeBytes, etag, versionId: head.versionId, modifiedAtMs, facts: head.facts };
  }

  async head(key: string, options: HeadOptions): Promise<ObjectHead> {
    const call: ControlCall = {
      subject: {
        action: "s3:GetObject",
        target: "object",
        key,
        isPinned: options.object !== undefined,
      },
      deadlineMs: CALL_DEADLINE_MS,
      signal: options.signal,
    };
    try {
      const headers = await this.#headers(key, options, call);
      this.#isBucketThere = true;
      const head = readHead(headers);
      if (!head) throw this.#control.unreadable(call.subject);
      return head;
    } catch (thrown) {
      const { versionId } = options;
      throw await this.#reason(thrown, call, {
        key,
        ...(versionId !== undefined && { versionId }),
      });
    }
  }

  /**
   * Some servers refuse to be asked for checksums, and a refused HEAD does not say why: it is asked
   * again without, and only when that is answered was it the reason.
   */
  async #headers(key: string, options: HeadOptions, call: ControlCall): Promise<Headers> {
    const request = this.#request("HEAD", key, options);
    try {
      return (await this.#control.exchange(request, call)).headers;
    } catch (thrown) {
      const { [CHECKSUM_MODE]: asked, ...others } = request.headers;
      const isRefused = thrown instanceof LonghaulError && thrown.details.status === 400;
      if (asked === undefined || !isRefused) throw thrown;
      const { headers } = await this.#control
        .exchange({ ...request, headers: others }, call)
        .catch(() => Promise.reject(thrown));
      this.#quirks.refusesChecksums = true;
      return headers;
    }
  }

  /** The sizes in which an object was uploaded, if it was in parts and anyone says so. */
  async uploadedPartBytes(object: ObjectInfo, signal: AbortSignal): Promise<number | null> {
    const count = partCountOf(object.etag);
    if (count === null) return null;
    const { partSize } = await this.head(object.key, { object, signal });
    const own = Number(partSize);
    if (Number.isSafeInteger(own) && own > 0 && Math.ceil(object.sizeBytes / own) === count) {
      return own;
    }
    const first = await this.head(object.key, { object, partNumber: 1, signal });
    // Without that header the server did not understand the question and told the whole size.
    if (first.partsCount === undefined || first.sizeBytes <= 0) return null;
    return Math.ceil(object.sizeBytes / first.sizeBytes) === count ? first.sizeBytes : null;
  }

  /**
   * HEAD has no body, so a refusal has no reason: a wrong key looks like a missing permission and a
   * missing bucket like a missing object. One GET of one byte, asked only then, tells.
   */
  async #reason(
    thrown: unknown,
    call: ControlCall,
    { key, ...asked }: { readonly key: string; readonly versionId?: string },
  ): Promise<unknown> {
    if (!(thrown instanceof LonghaulError) || !this.#isVague(thrown)) return thrown;
    const request = this.#request("GET", key, { ...asked, signal: call.signal });
    try {
      await this.#control.exchange(
        { ...request, headers: { ...request.headers, range: "bytes=0-0" } },
        call,
      );
      return thrown;
    } catch (refusal) {
      if (!(refusal instanceof LonghaulError)) return refusal;
      if (refusal.details.cause === "NoSuchKey") this.#isBucketThere = true;
      return refusal.details.status === undefined || refusal.details.status >= 500
        ? thrown
        : refusal;
    }
  }

  #isVague({ code, details }: LonghaulError): boolean {
    if (details.cause !== undefined || details.status === undefined) return false;
    if (code === "object-missing") return !this.#isBucketThere;
    if (details.status === 412) return false;
    return details.status >= 300 && details.status < 500 && code !== "wrong-region";
  }

  #request(
    method: "GET" | "HEAD",
    key: string,
    { object, partNumber, versionId }: HeadOptions,
  ): ControlRequest {
    const query: QueryPair[] = [];
    const version = object ? object.versionId : versionId;
    if (version !== undefined && version !== null) query.push(["versionId", version]);
    if (partNumber !== undefined) query.push(["partNumber", String(partNumber)]);
    return {
      method,
      origin: this.#address.origin,
      path: pathOf(this.#address, key),
      query,
      headers: {
        "accept-encoding": "identity",
        ...(object && !this.#quirks.refusesChecksums && { [CHECKSUM_MODE]: "ENABLED" }),
        ...(object && !object.etag.startsWith("W/") && { "if-match": object.etag }),
      },
      body: null,
    };
  }
}

function readHead(headers: Readonly<Record<string, string>>): ObjectHead | null {
  const sizeBytes = Number(headers["content-length"]);
  const etag = headers["etag"];
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || !etag) return null;
  return {
    sizeBytes,
    etag,
    versionId: pinnable(headers),
    facts: readFacts(headers),
    modifiedAtMs: Date.parse(headers["last-modified"] ?? "") || 0,
    sha256: headers["x-amz-checksum-sha256"],
    crcs: crcsInHeaders(headers),
    partSize: headers[`x-amz-meta-${PART_SIZE_METADATA}`],
    partsCount: headers["x-amz-mp-parts-count"],
  };
}
