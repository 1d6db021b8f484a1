import type { Client } from "#shared/client.ts";
import type { DropTicket, DroppedFile } from "#shared/transfer-request.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { DescribedFile } from "./page-files.ts";
import type { Arrival } from "./send-arrivals.ts";
import type { DropRoot } from "./walk-entries.ts";
import { LonghaulError, isRetryable } from "#shared/errors.ts";
import { isEmptyFolder, pageFiles } from "./page-files.ts";

export type AddPort = {
  readonly call: Client["call"];
  /** Rejects with the signal's reason when it is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onUnreadable: (names: readonly string[]) => void;
};

export type NewDrop = {
  readonly id: TransferId;
  readonly roots: readonly DropRoot[];
  /** It is one folder that goes as one archive, in which its empty folders are, too. */
  readonly isPacked: boolean;
};

const WAIT_MS = 2_000;

/** Tells the host of every file below the roots, a page at a time, then that there are no more. */
export async function* addFiles(
  { id, roots, isPacked }: NewDrop,
  port: AddPort,
  signal: AbortSignal,
): AsyncGenerator<readonly Arrival[]> {
  for await (const page of pageFiles(roots, signal, isPacked)) {
    if (page.unreadable.length > 0) port.onUnreadable(page.unreadable);
    if (page.files.length === 0) continue;
    yield await addPage(id, page.files, port, signal);
  }
  // Until it is heard nothing of a folder that is packed goes anywhere; once more does no harm.
  while ((await unlessLost(port.call("drop.close", { id }))) === undefined) {
    await port.wait(WAIT_MS, signal);
  }
}

async function addPage(
  id: TransferId,
  files: readonly DescribedFile[],
  port: AddPort,
  signal: AbortSignal,
): Promise<readonly Arrival[]> {
  const arrivals: Arrival[] = [];
  let left = files;
  while (left.length > 0) {
    const tickets = await unlessLost(port.call("drop.add", { id, files: factsOf(left) }));
    if (tickets)
      return [...arrivals, ...left.flatMap((file, at) => arrivalOf(id, file, tickets[at]))];
    // The answer was lost, not always the call: what the host has heard of is not added twice.
    const known = await matchKnown(id, left, port, signal);
    arrivals.push(...left.flatMap((file, at) => arrivalOf(id, file, known.get(at))));
    left = left.filter((_file, at) => !known.has(at));
  }
  return arrivals;
}

/** Which of the files the host waits for already, by index; asks until it answers. */
async function matchKnown(
  id: TransferId,
  files: readonly DescribedFile[],
  port: AddPort,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, DropTicket>> {
  for (;;) {
    await port.wait(WAIT_MS, signal);
    const matches = await unlessLost(port.call("drop.match", { files: factsOf(files) }));
    if (!matches) continue;
    const own = matches.filter((match) => match.id === id);
    return new Map(own.map((match) => [match.index, match.ticket]));
  }
}

/** The answer; undefined when it may come if asked again. */
async function unlessLost<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (thrown instanceof LonghaulError && isRetryable(thrown.code)) return undefined;
    throw thrown;
  }
}

function factsOf(files: readonly DescribedFile[]): DroppedFile[] {
  return files.map((file) => file.facts);
}

function arrivalOf(
  id: TransferId,
  file: DescribedFile,
  ticket: DropTicket | undefined,
): readonly Arrival[] {
  // A folder has no bytes to send.
  return ticket && !isEmptyFolder(file) ? [{ ...file, id, ticket }] : [];
}
