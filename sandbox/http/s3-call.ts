import type { FileSpan } from "../bodies/send-body.ts";
import type { Tamper } from "../bodies/tamper.ts";
import type { SandboxStore } from "../sandbox-store.ts";
import type { RequestBody } from "./request-body.ts";

/** One authenticated request, as an operation sees it. */
export type S3Call = {
  readonly store: SandboxStore;
  readonly bucket: string;
  readonly key: string;
  /** The first value of each name. */
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: RequestBody;
};

export type Headers = Readonly<Record<string, string | number | undefined>>;

export type S3Answer = {
  readonly status: number;
  readonly headers?: Headers;
  /** XML, or nothing. */
  readonly text?: string;
  /** An object's bytes; their total is `lengthBytes`, which is also sent for HEAD. */
  readonly spans?: Iterable<FileSpan>;
  readonly lengthBytes?: number;
  /** Of `text`; XML unless told. */
  readonly contentType?: string;
  /** Faults only: the body says no length and ends with the connection. */
  readonly isUnframed?: boolean;
  /** Faults only: what becomes of the body on its way. */
  readonly tamper?: Tamper;
};

export type Operation = (call: S3Call) => Promise<S3Answer> | S3Answer;
