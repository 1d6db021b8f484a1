import { createHash } from "node:crypto";
import { LonghaulError } from "#shared/errors.ts";
import type { ErrorCode } from "#shared/errors.ts";
import type { StoredPart, WriteCondition } from "../store.ts";

export type MemoryObject = {
  readonly bytes: Buffer;
  /** As S3 makes it: MD5, or MD5 of MD5s and the number of parts. */
  readonly etag: string;
  readonly modifiedAtMs: number;
  /** Empty for a single PUT. */
  readonly parts: readonly MemoryPart[];
  /** What the uploader said; null for a single PUT. */
  readonly partSizeBytes: number | null;
};

export type MemoryPart = StoredPart & { readonly bytes: Buffer; readonly sha256: string };

export type MemoryUpload = {
  readonly uploadId: string;
  readonly key: string;
  readonly partSizeBytes: number;
  readonly startedAtMs: number;
  readonly parts: Map<number, MemoryPart>;
};

/** What an S3 bucket keeps, in memory and without a network: the state behind `MemoryStore`. */
export class MemoryBucket {
  readonly objects = new Map<string, MemoryObject>();
  readonly uploads = new Map<string, MemoryUpload>();
  readonly #wallMs: () => number;
  #openedUploads = 0;

  constructor(wallMs: () => number = Date.now) {
    this.#wallMs = wallMs;
  }

  object(key: string): MemoryObject {
    const found = this.objects.get(key);
    if (!found) throw refusal("object-missing", key);
    return found;
  }

  upload(uploadId: string): MemoryUpload {
    const found = this.uploads.get(uploadId);
    if (!found) throw refusal("upload-gone", uploadId);
    return found;
  }

  put(key: string, bytes: Buffer, condition: WriteCondition): MemoryObject {
    this.#check(key, condition);
    const etag = `"${md5(bytes).toString("hex")}"`;
    return this.#keep(key, { bytes, etag, parts: [], partSizeBytes: null });
  }

  openUpload(key: string, partSizeBytes: number): MemoryUpload {
    this.#openedUploads += 1;
    const uploadId = `upload-${this.#openedUploads}`;
    const startedAtMs = this.#wallMs() + this.#openedUploads;
    const upload = { uploadId, key, partSizeBytes, startedAtMs, parts: new Map() };
    this.uploads.set(uploadId, upload);
    return upload;
  }

  /** The same number again replaces that part. */
  putPart(uploadId: string, number: number, bytes: Buffer): MemoryPart {
    const part = {
      number,
      bytes,
      sizeBytes: bytes.length,
      etag: `"${md5(bytes).toString("hex")}"`,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
    this.upload(uploadId).parts.set(number, part);
    return part;
  }

  complete(
    uploadId: string,
    wanted: readonly StoredPart[],
    condition: WriteCondition,
  ): MemoryObject {
    const upload = this.upload(uploadId);
    this.#check(upload.key, condition);
    const parts = wanted.map(({ number, etag }) => {
      const part = upload.parts.get(number);
      if (part?.etag !== etag) throw refusal("upload-gone", `part ${number}`);
      return part;
    });
    const digests = parts.map(({ bytes }) => md5(bytes));
    const etag = `"${md5(Buffer.concat(digests)).toString("hex")}-${parts.length}"`;
    const bytes = Buffer.concat(parts.map((part) => part.bytes));
    this.uploads.delete(uploadId);
    return this.#keep(upload.key, { bytes, etag, parts, partSizeBytes: upload.partSizeBytes });
  }

  #keep(key: string, object: Omit<MemoryObject, "modifiedAtMs">): MemoryObject {
    const kept = { ...object, modifiedAtMs: this.#wallMs() };
    this.objects.set(key, kept);
    return kept;
  }

  #check(key: string, condition: WriteCondition): void {
    const etag = this.objects.get(key)?.etag;
    if (condition.kind === "absent" && etag !== undefined) throw refusal("conflict", key);
    if (condition.kind === "same" && etag !== condition.etag) throw refusal("conflict", key);
  }
}

function refusal(code: ErrorCode, about: string): LonghaulError {
  return new LonghaulError(code, `${code}: ${about}`);
}

function md5(bytes: Buffer): Buffer {
  return createHash("md5").update(bytes).digest();
}
