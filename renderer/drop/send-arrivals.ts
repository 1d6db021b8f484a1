import type { DropTicket } from "#shared/transfer-request.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { DescribedFile } from "./page-files.ts";
import type { SendOutcome, SendPort } from "./send-file.ts";
import { Lanes } from "./lanes.ts";
import { sendFile } from "./send-file.ts";

/** A file that the host waits for. */
export type Arrival = DescribedFile & { readonly id: TransferId; readonly ticket: DropTicket };

/** Browsers open six connections to one host. */
const LANES = 6;
/** From here on a file is worth two lanes. */
const LARGE_BYTES = 4 * 1024 * 1024;

export type SendAllPort = SendPort & {
  /** The transfer settled, or is gone: its files are not wanted any more. */
  readonly isSettled: (id: TransferId) => boolean;
  readonly onOutcome: (arrival: Arrival, outcome: SendOutcome) => void | Promise<void>;
};

/** Sends what comes, several at a time, and ends when all of it has settled. */
export async function sendArrivals(
  pages: AsyncIterable<readonly Arrival[]>,
  port: SendAllPort,
  signal: AbortSignal,
): Promise<void> {
  const lanes = new Lanes(LANES);
  const underWay = new Set<Promise<void>>();
  for await (const page of pages) {
    for (const arrival of page) {
      const giveBack = await lanes.take(arrival.facts.sizeBytes > LARGE_BYTES ? 2 : 1);
      signal.throwIfAborted();
      const sending = sendArrival(arrival, port, signal).finally(() => {
        giveBack();
        underWay.delete(sending);
      });
      underWay.add(sending);
    }
  }
  await Promise.all(underWay);
}

async function sendArrival(arrival: Arrival, port: SendAllPort, signal: AbortSignal) {
  if (port.isSettled(arrival.id)) return;
  try {
    const file = await openUnchanged(arrival);
    const sent = file ? await sendFile(file, arrival.ticket, port, signal) : undefined;
    // A canceled transfer refuses what is still under way; that is no news.
    if (!port.isSettled(arrival.id)) await port.onOutcome(arrival, sent ?? { kind: "changed" });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

/** The file, if it still is the one that the host was told of. */
async function openUnchanged({ found, facts }: Arrival): Promise<File | undefined> {
  try {
    const file = await found.open();
    const isSame = file.size === facts.sizeBytes && file.lastModified === facts.modifiedAtMs;
    return isSame ? file : undefined;
  } catch {
    return undefined;
  }
}
