import type { EventHub } from "./event-hub.ts";
import type { SpaceLedger } from "../disk/free-space.ts";
import type { Clock } from "../flow/clock.ts";
import type { SettingsBook } from "../profiles/settings-book.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import type { TransferRunner } from "../transfers/transfer-runner.ts";

const EVERY_MS = 1000;
/** Free space changes slowly, and asking for it touches the disk. */
const SPACE_EVERY_SAMPLES = 5;

type Ports = {
  readonly runner: TransferRunner;
  readonly book: TransferBook;
  readonly hub: EventHub;
  readonly space: SpaceLedger;
  readonly clock: Clock;
  readonly settings: SettingsBook;
};

/** Measures once a second, and tells what changed. Returns the way to stop. */
export function startSampler(ports: Ports): () => void {
  const stopping = new AbortController();
  void sampleUntil(ports, stopping.signal);
  return () => stopping.abort();
}

async function sampleUntil(ports: Ports, signal: AbortSignal): Promise<void> {
  let freeBytes: number | null = null;
  for (let n = 0; !signal.aborted; n += 1) {
    if (n % SPACE_EVERY_SAMPLES === 0) freeBytes = await readFree(ports);
    sample(ports, freeBytes);
    await ports.clock.sleep(EVERY_MS, signal).catch(() => undefined);
  }
}

function sample({ runner, book, hub }: Ports, freeBytes: number | null): void {
  const speed = { download: 0, upload: 0 };
  for (const id of runner.sample()) {
    const record = book.find(id);
    if (record) speed[record.direction] += runner.live(id)?.bytesPerSecond ?? 0;
    hub.changed(id);
  }
  hub.status({
    downBytesPerSecond: Math.round(speed.download),
    upBytesPerSecond: Math.round(speed.upload),
    freeBytes,
  });
}

async function readFree({ space, settings }: Ports): Promise<number | null> {
  try {
    return (await space.measure(settings.get().downloadFolder)).freeBytes;
  } catch {
    // The folder's drive is away: what is free there is not known.
    return null;
  }
}
