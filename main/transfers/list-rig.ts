import { aDownloadSpec } from "./fixtures.ts";
import { ListingStore } from "./fake-listing-store.ts";
import { KeyGuess } from "./key-guess.ts";
import { listTransfer } from "./list-transfer.ts";
import { RunProgress } from "./run-progress.ts";
import { ORIGIN, RunRig, someId } from "./run-rig.ts";
import { newRecord } from "./transfer-record.ts";
import type { DownloadSpec } from "./transfer-spec.ts";

/** For tests: one download whose objects are found in a made-up bucket. */
export class ListRig {
  readonly id = someId();
  readonly store = new ListingStore();
  readonly run = new RunRig(this.store);

  foldsCase: (folder: string) => Promise<boolean> = async () => false;

  constructor() {
    this.run.isOurs = () => false;
  }

  async add(given: Partial<DownloadSpec>): Promise<void> {
    const spec = aDownloadSpec({ folder: this.run.folder, ...given });
    await this.run.book.add(newRecord(this.id, spec, "p", { position: 1, wallMs: 0 }));
  }

  async list(): Promise<RunProgress> {
    const { ports, slots } = this.run;
    const progress = new RunProgress(this.run.wire.openMeter(), 0);
    const opened = {
      store: this.store,
      origin: ORIGIN,
      slots,
      connections: 4,
      partSizeBytes: null,
    };
    const run = {
      ports: { ...ports, foldsCase: async (folder: string) => await this.foldsCase(folder) },
      record: this.run.book.get(this.id),
      opened,
      progress,
      patience: ports.newPatience(),
      keys: new KeyGuess(),
      space: null,
      onBug: (error: unknown) => {
        throw error;
      },
    };
    await listTransfer(run, () => undefined, new AbortController().signal);
    return progress;
  }

  async rows() {
    const items = await this.run.items(this.id);
    return items.map(({ name, phase, error }) => [name, phase, error?.code ?? null]);
  }

  async close(): Promise<void> {
    await this.run.close();
  }
}
