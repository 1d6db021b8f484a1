import type { LonghaulError } from "#shared/errors.ts";
import type { Limits } from "#shared/settings.ts";
import type { CrcAlgorithm } from "#shared/crc.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import type { Route } from "./route.ts";

/**
 * The data plane: moves bytes between a range of a local file and one HTTP message, in worker
 * threads. Knows no store: requests come signed, answers go back as they are.
 *
 * Order for a part: `load` (read and digest) → the store signs with that digest → `send`.
 */
export interface Wire {
  /**
   * Reads and digests a range. Up to 32 MiB the bytes stay in a pooled buffer until `release`, so
   * that `send` may be repeated; a longer range is read again by every `send`.
   * Waits while the buffer pool is used up.
   *
   * @throws {LonghaulError} `path-missing`, `path-denied`, `disk-failed`; `source-changed` when the
   * file's stamp differs before and after, from `stamp` if given, or the file is too short.
   */
  load(order: LoadOrder, signal: AbortSignal): Promise<LoadedBody>;

  /**
   * Takes bytes that are in no file, at most 32 MiB, as `load` takes a range of one: they are digested
   * and kept until `release`. The caller's may change afterwards.
   */
  keep(bytes: Uint8Array, signal: AbortSignal): Promise<LoadedBody>;

  /**
   * Sends what was loaded. Any HTTP status is a result; the caller's store reads it.
   *
   * @throws {LonghaulError} `unknown-host`, `unreachable`, `untrusted-certificate`, `protocol`;
   * `source-changed` when a body longer than 32 MiB no longer digests the same.
   */
  send(order: SendOrder, signal: AbortSignal): Promise<WireResponse>;

  /** Gives a loaded body's buffer back. Safe to call twice. */
  release(body: LoadedBody): void;

  /**
   * Writes one response body into a file, which must exist, at `target.start`. Nothing is written
   * unless status and headers are as expected. The bytes are not durable before `sync`.
   *
   * @throws {LonghaulError} as `send`, when no byte of the body came; `disk-full`, `disk-failed`,
   * `folder-missing`, when they could not be written.
   */
  receive(order: ReceiveOrder, signal: AbortSignal): Promise<Received>;

  /** Digests a range of a file by reading it. @throws as `load`. */
  digest(order: DigestOrder, signal: AbortSignal): Promise<string>;

  /**
   * Makes everything written to a file durable (fdatasync).
   *
   * @param isLast It is let go of, too, as by `closeFile`.
   * @throws {LonghaulError} `disk-failed`, `disk-full`.
   */
  sync(path: string, signal: AbortSignal, isLast?: boolean): Promise<void>;

  /**
   * Lets go of a file that is done with, so that it can be renamed or removed anywhere.
   *
   * @throws {LonghaulError} as `sync`, of what was written since the last one; the next one does, too.
   */
  closeFile(path: string): Promise<void>;

  /** Bytes per second over everything this wire moves; takes effect at once. */
  setLimits(limits: Limits): void;

  /** How long is waited for the other side, and how many sockets one endpoint gets, from now on. */
  tune(tuning: WireTuning): void;

  /**
   * A counter in shared memory, for one transfer; `free` it when the transfer rests.
   * @param group Whose cap holds for all that is moved under it together, beside the meter's own.
   */
  openMeter(group?: Meter): Meter;
  /**
   * Closes sockets that may be dead without a word, because the machine slept or has another address:
   * those from these addresses of this machine, or all (null). What goes over them is `unreachable`.
   */
  renew(addresses: readonly string[] | null): void;

  /** Stops the threads; what is under way fails with AbortError. */
  close(): Promise<void>;
}

export type WireTuning = {
  /** For one address. */
  readonly connectTimeoutMs: number;
  /** Silence after which a stream is given up. */
  readonly stallMs: number;
  readonly connections: number;
};

/** One HTTP request, complete and signed. Header names are lower case. */
export type WireRequest = {
  readonly method: "DELETE" | "GET" | "HEAD" | "POST" | "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How its endpoint is reached; directly unless told. */
  readonly route?: Route | undefined;
  /** What stands for `route` inside the wire. */
  readonly routeId?: number | undefined;
};

export type FileRange = ByteRange & { readonly path: string };

export type LoadOrder = {
  readonly source: FileRange;
  /** What the file must still be; undefined accepts any, but not a change while reading. */
  readonly stamp?: FileStamp;
};

export type LoadedBody = {
  readonly id: number;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
};

export type SendOrder = {
  readonly body: LoadedBody;
  readonly request: WireRequest;
  readonly meter: Meter;
};

export type ReceiveOrder = {
  readonly request: WireRequest;
  readonly expect: Expectation;
  readonly target: FileRange;
  /**
   * File offsets at which a digest ends, ascending, the last one `target.end`; one digest for each.
   * Empty: no digest is computed.
   */
  readonly cuts: readonly number[];
  /** SHA-256 unless told. */
  readonly algorithm?: DigestAlgorithm;
  /** Nothing is written, the bytes are only digested: `target` says which they are, its path nothing. */
  readonly isDropped?: boolean;
  /** As `isDropped`, and they come with the answer. For heads of files: at most 16 MiB. */
  readonly isHeld?: boolean;
  readonly meter: Meter;
};

/** What a response must say before a byte of its body is written. */
export type Expectation = {
  readonly status: number;
  /** Bytes of the body; a response without a matching Content-Length is refused. */
  readonly contentLength: number;
  /** Values that headers must have, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
};

export type Received =
  /** Every byte is written; `digests` are hex, one for each cut. */
  | {
      readonly outcome: "whole";
      readonly digests: readonly string[];
      readonly headers: Readonly<Record<string, string>>;
      /** Of an order with `isHeld`. */
      readonly bytes?: Uint8Array;
    }
  /**
   * The cap fell while the range waited for its turn, and it is too long for the new one; nothing was
   * asked for. Ask for at most `rangeBytesUnderCap` of the cap of now.
   */
  | { readonly outcome: "unasked" }
  /** Another answer than expected came; nothing was written. */
  | { readonly outcome: "refused"; readonly response: WireResponse }
  /** The body ended early; the first `receivedBytes` of it are written, at their place. */
  | { readonly outcome: "cut"; readonly receivedBytes: number; readonly error: LonghaulError };

export type WireResponse = {
  readonly status: number;
  /** By lower-case name; the values of a repeated header joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The start of the body, at most 64 KiB; empty for a success that `expect` did not ask for. */
  readonly body: Uint8Array;
};

export type DigestAlgorithm = "sha256" | "md5" | CrcAlgorithm;

export type DigestOrder = {
  readonly source: FileRange;
  readonly algorithm: DigestAlgorithm;
  /**
   * The file is a partial one of ours, whose other ranges are being written meanwhile: only the range
   * itself holds still, the file's stamp does not.
   */
  readonly isBeingWritten?: boolean;
  /** Counts what was read; undefined where nobody looks. */
  readonly meter?: Meter;
};

/** Cumulative counts since `openMeter`, read from shared memory. */
export interface Meter {
  /** Index of its cells in the shared memory. */
  readonly slot: number;
  /** That of its group; -1 without one. */
  readonly group: number;
  /** Payload bytes that crossed the socket, either way, failed attempts included. */
  movedBytes(): number;
  /** Bytes that `digest` read. */
  digestedBytes(): number;
  /** Writes that the disk has not answered; many at a time, each for milliseconds, while it does. */
  writingCount(): number;
  /**
   * One of the streams that its cap, and its group's, keep busy; for each request, before anything
   * else that others need. Resolves with the way to give it back.
   *
   * @throws AbortError
   */
  enter(signal: AbortSignal): Promise<() => void>;
  /** Bytes per second of what is moved under it, beside the limits of all; takes effect at once. */
  setCap(bytesPerSecond: number | null): void;
  free(): void;
}
