import type { ErrorInfo } from "#shared/errors.ts";
import { IncomingAnswer, IncomingRefusal } from "#shared/web-protocol.ts";

/** What came of one request with bytes of a dropped file. */
export type IncomingReply =
  /** The host has the file up to here and goes on from here. */
  | { readonly kind: "at"; readonly offsetBytes: number }
  | { readonly kind: "refused"; readonly error: ErrorInfo }
  /** The token is no longer good: only the address that the host printed helps. */
  | { readonly kind: "signed-out" }
  /** No answer, or one that is none. */
  | { readonly kind: "lost" };

export type IncomingRequest = {
  readonly ticket: string;
  readonly offsetBytes: number;
  /** At most `INCOMING_MAX_BYTES`. */
  readonly body: Blob;
};

/**
 * Longest wait for one request's answer. Wide, because it bounds a hung host and not a slow disk:
 * 64 MiB within it is 0.2 MB/s.
 */
const ANSWER_LIMIT_MS = 5 * 60 * 1000;

/** Sends one slice. Never throws but for an abort. */
export async function sendIncoming(
  token: string,
  request: IncomingRequest,
  signal: AbortSignal,
): Promise<IncomingReply> {
  const query = new URLSearchParams({ offset: String(request.offsetBytes) });
  try {
    const response = await fetch(`/incoming/${encodeURIComponent(request.ticket)}?${query}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/octet-stream" },
      body: request.body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
    });
    return await readReply(response);
  } catch {
    signal.throwIfAborted();
    return { kind: "lost" };
  }
}

export async function readReply(response: Response): Promise<IncomingReply> {
  if (response.status === 401) return { kind: "signed-out" };
  const body: unknown = await response.json();
  if (response.status === 200 || response.status === 409) {
    return { kind: "at", offsetBytes: IncomingAnswer.parse(body).offsetBytes };
  }
  return { kind: "refused", error: IncomingRefusal.parse(body).error };
}
