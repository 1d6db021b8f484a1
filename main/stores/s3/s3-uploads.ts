import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
} from "@aws-sdk/client-s3";
import type { CompletedPart, ListMultipartUploadsOutput, Part } from "@aws-sdk/client-s3";
import { LonghaulError } from "#shared/errors.ts";
import { PART_SIZE_METADATA } from "#shared/object-options.ts";
import type {
  CompleteOrder,
  FoundUpload,
  Stored,
  StoredPart,
  StoredPartPage,
  UploadOptions,
  UploadRef,
} from "../store.ts";
import { attributeHeaders } from "./attribute-headers.ts";
import type { ControlCall, S3Control } from "./s3-control.ts";
import { hexToBase64 } from "./s3-data.ts";
import type { Quirks } from "./s3-data.ts";
import { decodeName, quoteEtag, sha256FromBase64 } from "./s3-names.ts";

const CALL_DEADLINE_MS = 60_000;
/** S3 puts the parts of the largest objects together for minutes. */
const COMPLETE_DEADLINE_MS = 15 * 60_000;
/** Pages of other keys that begin with the same letters; nobody has that many uploads. */
const MAX_UPLOAD_PAGES = 20;

/** The multipart family of one bucket. */
export class S3Uploads {
  readonly #control: S3Control;
  readonly #bucket: string;
  readonly #quirks: Quirks;

  constructor(control: S3Control, bucket: string, quirks: Quirks) {
    this.#control = control;
    this.#bucket = bucket;
    this.#quirks = quirks;
  }

  async open(key: string, options: UploadOptions, signal: AbortSignal): Promise<UploadRef> {
    const withChecksums = !this.#quirks.refusesChecksums;
    try {
      return await this.#create(key, options, { withChecksums, signal });
    } catch (thrown) {
      if (!withChecksums || !mayBeAboutChecksums(thrown)) throw thrown;
    }
    const upload = await this.#create(key, options, { withChecksums: false, signal });
    this.#quirks.refusesChecksums = true;
    return upload;
  }

  /** The unfinished uploads of exactly this key, oldest first. */
  async find(key: string, signal: AbortSignal): Promise<readonly FoundUpload[]> {
    const found: FoundUpload[] = [];
    let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (let page = 0; page < MAX_UPLOAD_PAGES; page += 1) {
      const command = new ListMultipartUploadsCommand({
        Bucket: this.#bucket,
        Prefix: key,
        EncodingType: "url",
        ...marker,
      });
      const output = await this.#control.call(
        this.#callFor("s3:ListBucketMultipartUploads", "bucket", { key, signal }),
        async (client, options) => client.send(command, options),
      );
      found.push(...uploadsOf(output, key));
      const next = nextUploadMarker(output);
      if (!next || isSameMarker(next, marker)) break;
      marker = next;
    }
    return found.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  }

  async listParts(
    upload: UploadRef,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<StoredPartPage> {
    const command = new ListPartsCommand({
      Bucket: this.#bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      ...(cursor !== null && { PartNumberMarker: cursor }),
    });
    const output = await this.#control.call(
      this.#callFor("s3:ListMultipartUploadParts", "upload", { key: upload.key, signal }),
      async (client, options) => client.send(command, options),
    );
    const parts = (output.Parts ?? [])
      .flatMap(toStoredPart)
      .toSorted((a, b) => a.number - b.number);
    if (output.IsTruncated !== true) return { parts, cursor: null };
    const next = Number(output.NextPartNumberMarker ?? parts.at(-1)?.number);
    if (!(next > Number(cursor ?? 0))) {
      throw new LonghaulError("protocol", "the server's list of parts goes round in circles");
    }
    return { parts, cursor: String(next) };
  }

  /** Null: it is done, says the server, without an ETag to prove it. */
  async complete(order: CompleteOrder, signal: AbortSignal): Promise<Stored | null> {
    const withChecksums =
      !this.#quirks.refusesChecksums && order.parts.every(({ sha256 }) => sha256 !== null);
    try {
      return await this.#complete(order, withChecksums, signal);
    } catch (thrown) {
      if (!withChecksums || !mayBeAboutChecksums(thrown)) throw thrown;
    }
    return this.#complete(order, false, signal);
  }

  async abort({ key, uploadId }: UploadRef, signal: AbortSignal): Promise<void> {
    const command = new AbortMultipartUploadCommand({
      Bucket: this.#bucket,
      Key: key,
      UploadId: uploadId,
    });
    try {
      await this.#control.call(
        this.#callFor("s3:AbortMultipartUpload", "upload", { key, signal }),
        async (client, options) => client.send(command, options),
      );
    } catch (thrown) {
      if (!(thrown instanceof LonghaulError && thrown.code === "upload-gone")) throw thrown;
    }
  }

  async #create(
    key: string,
    { partSizeBytes, attributes }: UploadOptions,
    { withChecksums, signal }: { withChecksums: boolean; signal: AbortSignal },
  ): Promise<UploadRef> {
    const command = new CreateMultipartUploadCommand({
      Bucket: this.#bucket,
      Key: key,
      Metadata: { [PART_SIZE_METADATA]: String(partSizeBytes) },
      ...(withChecksums && { ChecksumAlgorithm: "SHA256" }),
    });
    const call = {
      ...this.#callFor("s3:PutObject", "bucket", { key, signal }),
      headers: attributeHeaders(attributes),
    };
    const output = await this.#control.call(call, async (client, options) =>
      client.send(command, options),
    );
    if (!output.UploadId) throw this.#control.unreadable(call.subject);
    const expiresAtMs = output.AbortDate?.getTime() ?? Number.NaN;
    return {
      key,
      uploadId: output.UploadId,
      ...(Number.isFinite(expiresAtMs) && { expiresAtMs }),
    };
  }

  async #complete(
    { upload, parts, condition }: CompleteOrder,
    withChecksums: boolean,
    signal: AbortSignal,
  ): Promise<Stored | null> {
    const command = new CompleteMultipartUploadCommand({
      Bucket: this.#bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      MultipartUpload: { Parts: parts.map((part) => toCompletedPart(part, withChecksums)) },
      ...(condition.kind === "absent" && { IfNoneMatch: "*" }),
      ...(condition.kind === "same" && { IfMatch: condition.etag }),
    });
    const { key } = upload;
    const isReplacing = condition.kind === "same";
    const call: ControlCall = {
      subject: { action: "s3:PutObject", target: "upload", key, isReplacing },
      deadlineMs: COMPLETE_DEADLINE_MS,
      signal,
    };
    const output = await this.#control.call(call, async (client, options) =>
      client.send(command, options),
    );
    // Anything can come with status 200, so only a result with an ETag is one.
    if (!output.ETag) return null;
    return {
      etag: quoteEtag(output.ETag),
      versionId: output.VersionId === "null" ? null : (output.VersionId ?? null),
      isSha256Kept: output.ChecksumSHA256 !== undefined,
    };
  }

  #callFor(
    action: string,
    target: "bucket" | "upload",
    { key, signal }: { key: string; signal: AbortSignal },
  ): ControlCall {
    return { subject: { action, target, key }, deadlineMs: CALL_DEADLINE_MS, signal };
  }
}

/** Refused for its form, and not for what it names: worth one try without checksums. */
function mayBeAboutChecksums(thrown: unknown): boolean {
  if (!(thrown instanceof LonghaulError)) return false;
  return thrown.code === "unsupported" || thrown.code === "invalid";
}

function uploadsOf(output: ListMultipartUploadsOutput, key: string): FoundUpload[] {
  return (output.Uploads ?? []).flatMap(({ Key, UploadId, Initiated }): FoundUpload[] => {
    if (Key === undefined || !UploadId) return [];
    // Ceph encodes these names and does not say so; with the key as prefix there is no confusion.
    if (Key !== key && decodeName(Key, "url") !== key) return [];
    return [{ key, uploadId: UploadId, startedAtMs: Initiated?.getTime() ?? 0 }];
  });
}

function nextUploadMarker(
  output: ListMultipartUploadsOutput,
): { KeyMarker: string; UploadIdMarker?: string } | null {
  if (output.IsTruncated !== true || output.NextKeyMarker === undefined) return null;
  const KeyMarker = decodeName(output.NextKeyMarker, output.EncodingType);
  return output.NextUploadIdMarker === undefined
    ? { KeyMarker }
    : { KeyMarker, UploadIdMarker: output.NextUploadIdMarker };
}

function isSameMarker(
  a: { KeyMarker?: string; UploadIdMarker?: string },
  b: { KeyMarker?: string; UploadIdMarker?: string },
): boolean {
  return a.KeyMarker === b.KeyMarker && a.UploadIdMarker === b.UploadIdMarker;
}

function toStoredPart({ PartNumber, Size, ETag, ChecksumSHA256 }: Part): StoredPart[] {
  if (PartNumber === undefined || Size === undefined || !ETag) return [];
  const sha256 = sha256FromBase64(ChecksumSHA256);
  return [{ number: PartNumber, sizeBytes: Size, etag: quoteEtag(ETag), sha256 }];
}

function toCompletedPart(part: StoredPart, withChecksums: boolean): CompletedPart {
  return {
    PartNumber: part.number,
    ETag: part.etag,
    ...(withChecksums && part.sha256 !== null && { ChecksumSHA256: hexToBase64(part.sha256) }),
  };
}
