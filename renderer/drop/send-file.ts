import type { DropTicket } from "#shared/transfer-request.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { INCOMING_MAX_BYTES } from "#shared/transfer-request.ts";
import type { IncomingReply, IncomingRequest } from "./incoming-request.ts";

/** The way a sender reaches the outside: requests and time. */
export type SendPort = {
  readonly send: (request: IncomingRequest, signal: AbortSignal) => Promise<IncomingReply>;
  /** Rejects with the signal's reason when it is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
};

export type SendOutcome =
  | { readonly kind: "sent" }
  /** The file is not what it was when it was dropped, or is gone. */
  | { readonly kind: "changed" }
  | { readonly kind: "refused"; readonly error: ErrorInfo }
  | { readonly kind: "signed-out" };

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** A refusal is asked about this often: the body before may still be closing at the host. */
const REFUSALS_BEFORE_GIVING_UP = 5;

/**
 * Sends one file from the ticket's offset to its end. A host that does not answer is asked again
 * for as long as the page is open: it may be starting.
 */
export async function sendFile(
  file: File,
  ticket: DropTicket,
  port: SendPort,
  signal: AbortSignal,
): Promise<SendOutcome> {
  let offsetBytes = ticket.offsetBytes;
  let fruitless = 0;
  let refusals = 0;
  while (offsetBytes < file.size) {
    const body = file.slice(offsetBytes, offsetBytes + INCOMING_MAX_BYTES);
    const reply = await port.send({ ticket: ticket.ticket, offsetBytes, body }, signal);
    if (reply.kind === "signed-out") return reply;
    if (reply.kind === "refused" && !worthAsking(reply.error, ++refusals)) return reply;
    if (reply.kind === "lost" && !(await isReadable(body))) return { kind: "changed" };
    const hasMoved = reply.kind === "at" && reply.offsetBytes !== offsetBytes;
    if (reply.kind === "at") offsetBytes = reply.offsetBytes;
    fruitless = hasMoved ? 0 : fruitless + 1;
    if (hasMoved) refusals = 0;
    else await port.wait(waitMs(fruitless, port.random()), signal);
  }
  return { kind: "sent" };
}

/** A full disk may be emptied while the page waits; anything else is said a few times at most. */
function worthAsking(error: ErrorInfo, refusals: number): boolean {
  return error.code === "disk-full" || refusals < REFUSALS_BEFORE_GIVING_UP;
}

/** Half a second, doubling to fifteen, give or take a quarter. */
function waitMs(fruitless: number, random: number): number {
  const plain = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (fruitless - 1));
  return plain * (0.75 + random / 2);
}

/** A browser does not say whether the network or the file ended a request, so the file is asked. */
async function isReadable(body: Blob): Promise<boolean> {
  try {
    await body.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
