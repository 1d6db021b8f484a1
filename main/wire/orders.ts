import type { ErrorInfo } from "#shared/errors.ts";
import type { Epochs } from "../flow/bucket-chain.ts";
import type { Route } from "./route.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import type { DigestAlgorithm, Expectation, FileRange, WireRequest, WireResponse } from "./wire.ts";

/** What the main thread tells a worker; many in one message. */
export type Message = Order | { readonly kind: "cancel"; readonly id: number } | Release | Notice;

/** What holds for the orders that follow, or is to be closed. Not answered. */
export type Notice =
  | Renew
  | Relieve
  | { readonly kind: "route"; readonly id: number; readonly route: Route }
  | { readonly kind: "tune"; readonly connectTimeoutMs: number; readonly stallMs: number };

export type Order = { readonly id: number } & Task;

/**
 * What an order asks for. `slot` is a meter's; -1 counts nothing.
 * `group` is that of the meter whose cap it shares; absent or -1 is none.
 */
export type Task =
  | { readonly kind: "load"; readonly source: FileRange; readonly stamp: FileStamp | null }
  /** Bytes that are in no file. */
  | { readonly kind: "keep"; readonly bytes: Uint8Array }
  | {
      readonly kind: "send";
      readonly source: SendSource;
      readonly request: WireRequest;
      readonly slot: number;
      readonly group?: number;
    }
  | {
      readonly kind: "receive";
      readonly request: WireRequest;
      readonly expect: Expectation;
      readonly target: FileRange;
      readonly cuts: readonly number[];
      readonly algorithm: DigestAlgorithm;
      /** Digested only: there is no file. */
      readonly isDropped: boolean;
      /** Dropped, and handed back with the answer. */
      readonly isHeld?: boolean;
      readonly slot: number;
      readonly group?: number;
      /** Of the buckets when this range was paid for. */
      readonly paidEpochs: Epochs;
    }
  | {
      readonly kind: "digest";
      readonly source: FileRange;
      readonly algorithm: DigestAlgorithm;
      readonly isBeingWritten: boolean;
      readonly slot: number;
    }
  | {
      readonly kind: "sync";
      readonly path: string;
      /** Also where this thread has not written it: by somebody before, who may not have flushed it. */
      readonly isOthers: boolean;
      /** Closes it, too. */
      readonly isLast?: boolean;
    }
  | { readonly kind: "close-file"; readonly path: string };

/** Kept in the worker's memory under the number of the order that loaded it, or still in its file. */
export type SendSource =
  | { readonly kind: "kept"; readonly bodyId: number }
  | {
      readonly kind: "file";
      readonly range: FileRange;
      readonly stamp: FileStamp;
      readonly sha256: string;
    };

/** Lets go of a kept body. Not answered. */
export type Release = { readonly kind: "release"; readonly bodyId: number };

/** Closes sockets, as `Connections.renew`. Not answered. */
type Renew = { readonly kind: "renew"; readonly addresses: readonly string[] | null };

/** Closes sockets and files that nobody uses now. Not answered. */
type Relieve = { readonly kind: "relieve" };

/** What a worker answers: one reply for each order, also for a canceled one. */
export type Reply = { readonly id: number } & Outcome;

export type Outcome =
  | { readonly kind: "loaded"; readonly sha256: string; readonly stamp: FileStamp }
  | { readonly kind: "kept"; readonly sha256: string }
  | { readonly kind: "answered"; readonly response: WireResponse }
  | {
      readonly kind: "whole";
      readonly digests: readonly string[];
      readonly headers: Readonly<Record<string, string>>;
      readonly bytes?: Uint8Array;
    }
  | { readonly kind: "refused"; readonly response: WireResponse }
  | { readonly kind: "cut"; readonly receivedBytes: number; readonly error: ErrorInfo }
  | { readonly kind: "digested"; readonly digest: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: ErrorInfo }
  | { readonly kind: "canceled" };

/** What a worker is started with; as it is when the thread starts. */
export type WorkerSetup = {
  connectTimeoutMs: number;
  stallMs: number;
  /** The ways that are not direct. */
  readonly routes: Map<number, Route>;
  readonly judgedMs: number;
  /** Shared memory of the two buckets and the meters. */
  readonly upCells: BigInt64Array;
  readonly downCells: BigInt64Array;
  readonly meterCells: BigInt64Array;
  /** One bucket for each meter. */
  readonly capCells: BigInt64Array;
};
