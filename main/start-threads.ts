import type { EngineHost } from "./engine-host.ts";
import type { JournalOpening } from "./transfers/journal.ts";
import type { Wire } from "./wire/wire.ts";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { openJournal } from "./transfers/journal-open.ts";
import { createWire } from "./wire/create-wire.ts";

/**
 * Garbage may grow to as much as what is in use before it is looked for. By default it may grow to
 * several times that: with small files by the thousand the process would be twice as large.
 */
const HEAP_FLAG = "--heap-growing-percent=100";

/** The engine's threads; whoever started them gives them to the engine, or stops them. */
export type EngineThreads = {
  readonly wire: Wire;
  /** @throws {LonghaulError} `disk-full`, `disk-failed`. */
  readonly opening: Promise<JournalOpening>;
};

/**
 * Starts the threads of the engine of a home that is locked. They take as long to start as the rest of
 * the engine takes to load, so a program does both at once.
 */
export function startThreads({
  info,
  clock,
  waits,
}: Pick<EngineHost, "info" | "clock" | "waits">): EngineThreads {
  setFlagsFromString(HEAP_FLAG);
  const wire = createWire(waits);
  const opening = openJournal(join(info.home, "journal.db"), clock);
  // Whoever waits for it hears of it.
  opening.catch(() => undefined);
  return { wire, opening };
}

/** Ends threads that no engine took over. */
export async function stopThreads({ wire, opening }: EngineThreads): Promise<void> {
  const closeJournal = async () => await (await opening).journal.close();
  await Promise.allSettled([wire.close(), closeJournal()]);
}
