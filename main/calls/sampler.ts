import type { ErrorInfo } from "#shared/errors.ts";
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
  readonly runner: Pick<TransferRunner, "sample" | "live">;
  readonly book: Pick<TransferBook, "find">;
  readonly hub: EventHub;
  readonly space: Pick<SpaceLedger, "measure">;
  readonly clock: Clock;
  readonly settings: Pick<SettingsBook, "get">;
  /** Why the journal cannot be written. */
  readonly trouble: () => ErrorInfo | null;
};

/** Measures once a second, and tells what changed. Returns the way to stop. */
export function startSampler(ports: Ports): () => void {
  const stopping = new AbortController();
  void sampleUntil(ports, stopping.signal);
  return () => stopping.abort();
}

async function sampleUntil(ports: Ports, signal: AbortSignal): Promise<void> {
  const free = new FreeBytes(ports);
  for (let n = 0; !signal.aborted; n += 1) {
    if (n % SPACE_EVERY_SAMPLES === 0) void free.read();
    sample(ports, free.latest);
    await ports.clock.sleep(EVERY_MS, signal).catch(() => undefined);
  }
}

function sample({ runner, book, hub, trouble }: Ports, freeBytes: number | null): void {
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
    homeTrouble: trouble(),
  });
}

/** Read beside the samples: a drive that hangs must not hold them up. */
class FreeBytes {
  /** Of the download folder's file system; null while it is not known. */
  latest: number | null = null;
  readonly #ports: Ports;
  #isAsking = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Never rejects. */
  async read(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { space, settings } = this.#ports;
    try {
      this.latest = (await space.measure(settings.get().downloadFolder)).freeBytes;
    } catch {
      // The folder's drive is away: what is free there is not known.
      this.latest = null;
    } finally {
      this.#isAsking = false;
    }
  }
}
