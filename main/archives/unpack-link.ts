import type { ErrorInfo } from "#shared/errors.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import type { UnpackedEntry, UnpackOrder, UnpackResult } from "./unpack-order.ts";

/** What the thread is started with. */
export type UnpackSetup = {
  readonly order: UnpackOrder;
  /** Bytes read, entries, bytes written; see `PROGRESS`. */
  readonly progress: SharedArrayBuffer;
  /** How many unpackings are under way in this process, in 32 bits. */
  readonly running: SharedArrayBuffer;
};

/** Places in the shared numbers, of 64 bits each. */
export const PROGRESS = { readBytes: 0, entryCount: 1, writtenBytes: 2, length: 3 } as const;

/** To the thread. */
export type UnpackNotice =
  | { readonly kind: "grow"; readonly availableBytes: number }
  | { readonly kind: "move"; readonly path: string }
  | { readonly kind: "end"; readonly stamp: FileStamp | null }
  | { readonly kind: "cancel" };

/** From the thread; the last is one of `done`, `failed`, `canceled`. */
export type UnpackReply =
  | { readonly kind: "entries"; readonly entries: readonly UnpackedEntry[] }
  | { readonly kind: "done"; readonly result: UnpackResult }
  | { readonly kind: "failed"; readonly error: ErrorInfo }
  | { readonly kind: "canceled" };
