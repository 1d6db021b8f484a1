import { GetObjectAttributesCommand } from "@aws-sdk/client-s3";
import type { GetObjectAttributesOutput, ObjectPart } from "@aws-sdk/client-s3";
import { LonghaulError } from "#shared/errors.ts";
import type { ObjectInfo, Piece, WholeCrc } from "../store.ts";
import { wholeCrcOf } from "./s3-crcs.ts";
import type { ObjectHead, S3Heads } from "./s3-heads.ts";
import type { S3Control } from "./s3-control.ts";
import { partCountOf, quoteEtag, sha256FromBase64 } from "./s3-names.ts";

const CALL_DEADLINE_MS = 60_000;
/** A thousand parts. Servers that do not know the question answer with the object itself. */
const MAX_ATTRIBUTES_BYTES = 1024 * 1024;
/** HEADs at once, where every part must be asked for by itself. */
const HEAD_LANES = 8;

type SizedDigest = { readonly sizeBytes: number; readonly sha256: string };

/** Asks the origin for the digests of an object's pieces, by the best way that it offers. */
export class S3Pieces {
  readonly #control: S3Control;
  readonly #heads: S3Heads;
  readonly #bucket: string;
  /** GetObjectAttributes is not to be had here: not built in, or not allowed. */
  #hasNoAttributes = false;
  /** What answers about pieces said of the whole beside. */
  readonly #crcs = new WeakMap<ObjectInfo, WholeCrc | null>();

  constructor(control: S3Control, heads: S3Heads, bucket: string) {
    this.#control = control;
    this.#heads = heads;
    this.#bucket = bucket;
  }

  async find(object: ObjectInfo, signal: AbortSignal): Promise<readonly Piece[] | null> {
    if (object.sizeBytes === 0) return null;
    if (!this.#hasNoAttributes) {
      const answer = await this.#byAttributes(object, signal);
      if (answer !== "unsupported") return answer && toPieces(answer, object.sizeBytes);
      this.#hasNoAttributes = true;
    }
    const digests = await this.#byHeads(object, signal);
    return digests && toPieces(digests, object.sizeBytes);
  }

  async wholeCrc(object: ObjectInfo, signal: AbortSignal): Promise<WholeCrc | null> {
    if (!this.#crcs.has(object)) await this.find(object, signal);
    return this.#crcs.get(object) ?? null;
  }

  async #byAttributes(
    object: ObjectInfo,
    signal: AbortSignal,
  ): Promise<readonly SizedDigest[] | null | "unsupported"> {
    const digests: SizedDigest[] = [];
    let marker: string | undefined;
    for (;;) {
      const page = await this.#attributes(object, marker, signal);
      if (!page?.ETag) return "unsupported";
      if (quoteEtag(page.ETag) !== object.etag) throw changed(object);
      if (!page.ObjectParts) return wholeDigest(page, object);
      const { IsTruncated, NextPartNumberMarker, Parts = [] } = page.ObjectParts;
      const found = Parts.flatMap(toDigest);
      if (found.length === 0 || found.length < Parts.length) return null;
      digests.push(...found);
      if (IsTruncated !== true) return digests;
      if (!(Number(NextPartNumberMarker) > Number(marker ?? 0))) return null;
      marker = NextPartNumberMarker;
    }
  }

  /** Null where the server refuses the question, or does not know it. */
  async #attributes(
    object: ObjectInfo,
    marker: string | undefined,
    signal: AbortSignal,
  ): Promise<GetObjectAttributesOutput | null> {
    const subject = {
      action: "s3:GetObjectAttributes",
      target: "object",
      key: object.key,
    } as const;
    const command = new GetObjectAttributesCommand({
      Bucket: this.#bucket,
      Key: object.key,
      ObjectAttributes: ["ETag", "Checksum", "ObjectParts"],
      MaxParts: 1000,
      ...(object.versionId !== null && { VersionId: object.versionId }),
      ...(marker !== undefined && { PartNumberMarker: marker }),
    });
    try {
      const page = await this.#control.call(
        { subject, deadlineMs: CALL_DEADLINE_MS, maxBodyBytes: MAX_ATTRIBUTES_BYTES, signal },
        async (client, options) => client.send(command, options),
      );
      if (marker === undefined) this.#crcs.set(object, crcOf(page, object));
      return page;
    } catch (thrown) {
      if (thrown instanceof LonghaulError && REFUSALS.has(thrown.code)) return null;
      throw thrown;
    }
  }

  async #byHeads(object: ObjectInfo, signal: AbortSignal): Promise<readonly SizedDigest[] | null> {
    const head = await this.#heads.head(object.key, { object, signal });
    this.#crcs.set(object, wholeCrcOf(head.crcs, object.etag));
    const whole = sha256FromBase64(head.sha256);
    const partCount = partCountOf(object.etag);
    if (whole !== null && partCount === null) {
      return [{ sizeBytes: object.sizeBytes, sha256: whole }];
    }
    // Only a composite value says that there are digests of parts.
    if (partCount === null || !head.sha256?.endsWith(`-${partCount}`)) return null;
    const heads = await this.#headAll(object, partCount, signal);
    const digests = heads.flatMap(({ sizeBytes, sha256 }) => {
      const digest = sha256FromBase64(sha256);
      return digest === null ? [] : [{ sizeBytes, sha256: digest }];
    });
    return digests.length === partCount ? digests : null;
  }

  async #headAll(object: ObjectInfo, count: number, signal: AbortSignal): Promise<ObjectHead[]> {
    const heads: ObjectHead[] = [];
    for (let first = 1; first <= count; first += HEAD_LANES) {
      const numbers = Array.from(
        { length: Math.min(HEAD_LANES, count - first + 1) },
        (_, index) => first + index,
      );
      const batch = numbers.map(async (partNumber) =>
        this.#heads.head(object.key, { object, partNumber, signal }),
      );
      heads.push(...(await Promise.all(batch)));
    }
    return heads;
  }
}

/** Codes by which a server says that it does not answer this question. */
const REFUSALS: ReadonlySet<string> = new Set([
  "access-denied",
  "invalid",
  "protocol",
  "unsupported",
]);

/** A single PUT has no parts, and a digest of the whole if it was sent with one. */
function wholeDigest(
  page: GetObjectAttributesOutput,
  object: ObjectInfo,
): readonly SizedDigest[] | null {
  const sha256 = sha256FromBase64(page.Checksum?.ChecksumSHA256);
  if (sha256 === null || partCountOf(object.etag) !== null) return null;
  return [{ sizeBytes: object.sizeBytes, sha256 }];
}

function crcOf({ Checksum }: GetObjectAttributesOutput, { etag }: ObjectInfo): WholeCrc | null {
  const said = {
    crc64nvme: Checksum?.ChecksumCRC64NVME,
    crc32c: Checksum?.ChecksumCRC32C,
    crc32: Checksum?.ChecksumCRC32,
    type: Checksum?.ChecksumType,
  };
  return wholeCrcOf(said, etag);
}

/** Empty for a part without a digest. */
function toDigest({ Size, ChecksumSHA256 }: ObjectPart): SizedDigest[] {
  const sha256 = sha256FromBase64(ChecksumSHA256);
  return sha256 === null || Size === undefined ? [] : [{ sizeBytes: Size, sha256 }];
}

/** Null unless the pieces cover the object exactly. */
function toPieces(digests: readonly SizedDigest[], sizeBytes: number): readonly Piece[] | null {
  const pieces: Piece[] = [];
  let start = 0;
  for (const digest of digests) {
    if (digest.sizeBytes <= 0) return null;
    const end = start + digest.sizeBytes;
    pieces.push({ start, end, sha256: digest.sha256 });
    start = end;
  }
  return start === sizeBytes ? pieces : null;
}

function changed({ key }: ObjectInfo): LonghaulError {
  return new LonghaulError("object-changed", "the object was replaced", { details: { key } });
}
