import type { Reply } from "#shared/client.ts";
import type { HostEvent } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";

/** Where the bytes go, or why they may not come. */
export type Begun = { readonly path: string } | { readonly error: ErrorInfo };

/**
 * What the web server needs of the engine, across the border of threads: the server and all its
 * sockets have a thread of their own, so that no page can hold up a transfer.
 */
export interface WebLink {
  /** Never rejects. */
  call(name: string, input: unknown): Promise<Reply>;
  onEvent(listener: (event: HostEvent) => void): void;
  /** Where the bytes of a drop go; see `IncomingDoor`. Failure is a value. */
  beginIncoming(ticket: string, offsetBytes: number, lengthBytes: number): Promise<Begun>;
  progressIncoming(ticket: string, offsetBytes: number): void;
  /** Null when it is journaled. */
  endIncoming(ticket: string, offsetBytes: number): Promise<ErrorInfo | null>;
}
