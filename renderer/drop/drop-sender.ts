import type { Client } from "#shared/client.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { AddPort, NewDrop } from "./add-files.ts";
import type { MatchedDrop } from "./match-drop.ts";
import type { Arrival, SendAllPort } from "./send-arrivals.ts";
import type { SendOutcome, SendPort } from "./send-file.ts";
import { addFiles } from "./add-files.ts";
import { readAhead } from "./read-ahead.ts";
import { sendArrivals } from "./send-arrivals.ts";

/** What came of sending one drop. */
export type SendReport = {
  /** Paths that the browser could not read, or that changed since the drop; the first few. */
  readonly unreadable: readonly string[];
  readonly unreadableCount: number;
  /** Files that the host would not take, and why it refused the first. */
  readonly refusedCount: number;
  readonly refusal: ErrorInfo | null;
  /** The page may not send any more. */
  readonly isSignedOut: boolean;
};

export type DropSenderPort = SendPort & {
  readonly call: Client["call"];
  readonly isSettled: (id: TransferId) => boolean;
};

/** Pages of files that the host is told of before they are sent: 20,000 files. */
const PAGES_AHEAD = 40;
const NAMED_AT_MOST = 5;

/** Tells the host of the files of a new drop and sends them; ends when all have settled. */
export async function sendDrop(
  drop: NewDrop,
  port: DropSenderPort,
  signal: AbortSignal,
): Promise<SendReport> {
  return report(signal, (names, onOutcome, own) => {
    const adding: AddPort = { call: port.call, wait: port.wait, onUnreadable: names };
    const pages = readAhead(addFiles(drop, adding, own), PAGES_AHEAD);
    return sendArrivals(pages, { ...port, onOutcome: telling(port, onOutcome) }, own);
  });
}

/** Goes on with files that the host waits for since an earlier page. */
export async function resumeDrop(
  { arrivals, unreadable }: Pick<MatchedDrop, "arrivals" | "unreadable">,
  port: DropSenderPort,
  signal: AbortSignal,
): Promise<SendReport> {
  return report(signal, (names, onOutcome, own) => {
    names(unreadable);
    const pages = (async function* () {
      yield arrivals;
    })();
    return sendArrivals(pages, { ...port, onOutcome: telling(port, onOutcome) }, own);
  });
}

/** The host does not wait for what does not come. */
function telling(
  { call }: Pick<DropSenderPort, "call">,
  onOutcome: SendAllPort["onOutcome"],
): SendAllPort["onOutcome"] {
  return async (arrival, outcome) => {
    await onOutcome(arrival, outcome);
    if (outcome.kind !== "changed") return;
    // What it did not hear it goes on waiting for, and the person was told.
    await call("drop.leave", { tickets: [arrival.ticket.ticket] }).catch(() => undefined);
  };
}

async function report(
  signal: AbortSignal,
  send: (
    names: (unreadable: readonly string[]) => void,
    onOutcome: SendAllPort["onOutcome"],
    own: AbortSignal,
  ) => Promise<void>,
): Promise<SendReport> {
  const unreadable: string[] = [];
  let unreadableCount = 0;
  let refusedCount = 0;
  let refusal: ErrorInfo | null = null;
  const signedOut = new AbortController();
  const names = (found: readonly string[]) => {
    unreadableCount += found.length;
    unreadable.push(...found.slice(0, NAMED_AT_MOST - unreadable.length));
  };
  const onOutcome = (arrival: Arrival, outcome: SendOutcome) => {
    if (outcome.kind === "changed") names([arrival.facts.name]);
    if (outcome.kind === "signed-out") signedOut.abort();
    if (outcome.kind !== "refused") return;
    refusedCount += 1;
    refusal ??= outcome.error;
  };
  try {
    await send(names, onOutcome, AbortSignal.any([signal, signedOut.signal]));
  } catch (thrown) {
    if (!signedOut.signal.aborted) throw thrown;
  }
  const isSignedOut = signedOut.signal.aborted;
  return { unreadable, unreadableCount, refusedCount, refusal, isSignedOut };
}
