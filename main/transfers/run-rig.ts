import { Readable } from "node:stream";
import { packEntries } from "../archives/pack-entries.ts";
import type { Packing } from "../archives/pack-folder.ts";
import { readdirSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TransferId } from "#shared/transfer.ts";
import { TransferId as TransferIds } from "#shared/transfer.ts";
import { SpaceLedger } from "../disk/free-space.ts";
import { statFile } from "../disk/stat-file.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import type { PatienceLimits } from "../flow/patience.ts";
import { ONE_SHOT_PATIENCE, Patience } from "../flow/patience.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { FakeStore } from "../parts/fake-store.ts";
import { FakeWire } from "../parts/fake-wire.ts";
import { MiB } from "../bytes/sizes.ts";
import { Arrivals } from "./arrivals.ts";
import { createDiscard } from "./discard-items.ts";
import { aDownloadSpec, aDropSpec, anUploadSpec } from "./fixtures.ts";
import type { ItemRow, Journal } from "./journal.ts";
import { openJournalHere } from "./journal-open.ts";
import { Hold } from "./hold.ts";
import { Leftovers } from "./leftovers.ts";
import { Retries } from "./retries.ts";
import type { OpenedStore, RunPorts } from "./run-ports.ts";
import { TransferBook } from "./transfer-book.ts";
import { TransferDesk } from "./transfer-desk.ts";
import type { TransferRecord } from "./transfer-record.ts";
import { TransferRunner } from "./transfer-runner.ts";
import type { DownloadSpec, DropSpec, UploadSpec } from "./transfer-spec.ts";

/** A file of four parts. */
export const LARGE = variedBytes(4 * MiB);

/** They learn nothing. */
class RigSlots extends Semaphore {
  async heed<T>(request: () => Promise<T>): Promise<T> {
    return await request();
  }
}

/** For tests: the queue and all that works on it, over a journal in memory and a fake store. */
/** Of the store that a rig opens. */
export const ORIGIN = "https://store.lab/models";

export class RunRig {
  readonly folder = mkdtempSync(join(tmpdir(), "longhaul-run-"));
  readonly clock = new FakeClock();
  readonly store: FakeStore;
  readonly wire: FakeWire;
  readonly bugs: unknown[] = [];
  readonly limits = { upload: 2, download: 2 };
  readonly space = new SpaceLedger(async () => this.volume);
  readonly volume = { id: "disk", freeBytes: 2 ** 40, totalBytes: 2 ** 40 };
  readonly slots = new RigSlots(4);
  protectedPaths: readonly string[] = [];
  journal: Journal = openJournalHere(this.clock);
  patience: PatienceLimits = ONE_SHOT_PATIENCE;
  partSizeBytes: number | null = MiB;
  connections = 4;
  rangeBytes = 16 * MiB;
  isOurs: (id: TransferId) => boolean = () => true;
  /** Called before a store is opened; throwing is a store that cannot be. */
  beforeOpen: (signal: AbortSignal) => void | Promise<void> = () => undefined;
  closing = new AbortController();
  ports: RunPorts;
  hasProfile = true;
  /** An archive of a folder is its files' bytes, in the order of their names, unless told. */
  packFolder: RunPorts["packFolder"] = fakePack;
  book: TransferBook;
  runner: TransferRunner;
  desk: TransferDesk;
  arrivals: Arrivals;
  leftovers: Leftovers;
  readonly adopted: TransferId[] = [];
  readonly hold = new Hold();
  #looks = new Set<() => void>();

  constructor(store = new FakeStore()) {
    this.store = store;
    this.wire = new FakeWire(store);
    ({
      ports: this.ports,
      book: this.book,
      runner: this.runner,
      desk: this.desk,
      arrivals: this.arrivals,
      leftovers: this.leftovers,
    } = this.#build());
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.runner.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** An upload of `LARGE` with two parts at the store and a third under way; `go` lets it end. */
  async halfWay() {
    const path = this.file("large.bin", LARGE);
    this.connections = 1;
    this.slots.setLimit(1);
    const gate = new Gate();
    this.store.before = async (call, attempt) => {
      if (call === "part 3" && attempt === 1) await gate.pass();
    };
    const id = await this.upload({ sources: [path] });
    await gate.reached;
    return { id, path, go: () => gate.open() };
  }

  /** Canceled while a part is under way, which `go` lets end. */
  async canceled(id: TransferId, go: () => void, keepParts: boolean): Promise<void> {
    const canceling = this.desk.cancel(id, keepParts);
    await this.until(id, ({ state }) => state.phase === "canceled");
    go();
    await canceling;
  }

  /** As after a crash: what was in memory is gone, what the journal has is there. */
  async restart(): Promise<void> {
    await this.runner.close();
    Object.assign(this, this.#build());
    await this.book.load();
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  file(name: string, bytes: Buffer | string = name): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  async upload(given: Partial<UploadSpec>): Promise<TransferId> {
    return (await this.desk.start(anUploadSpec(given))).id;
  }

  async download(given: Partial<DownloadSpec>): Promise<TransferId> {
    const folder = this.path("down");
    mkdirSync(folder, { recursive: true });
    return (await this.desk.start(aDownloadSpec({ folder, ...given }))).id;
  }

  async drop(given: Partial<DropSpec> = {}): Promise<TransferId> {
    return (await this.desk.start(aDropSpec(given))).id;
  }

  /** Resolves once a transfer is what `test` asks for. */
  async until(id: TransferId, test: (record: TransferRecord) => boolean): Promise<TransferRecord> {
    return await new Promise((found) => {
      const look = (): void => {
        const record = this.book.find(id);
        if (!record || !test(record)) return;
        this.#looks.delete(look);
        found(record);
      };
      this.#looks.add(look);
      look();
    });
  }

  /** Resolves once nothing of a transfer can move. */
  async rest(id: TransferId): Promise<TransferRecord> {
    return await this.until(id, ({ state }) =>
      ["paused", "done", "failed", "canceled"].includes(state.phase),
    );
  }

  async items(id: TransferId): Promise<readonly ItemRow[]> {
    return await this.journal.items({ transferId: id, limit: 100_000 });
  }

  async log(id: TransferId): Promise<string[]> {
    return (await this.journal.log(id, 500)).map(({ text }) => text);
  }

  /** Keys in the store, sorted, each with its bytes as text. */
  stored(): Record<string, string> {
    const entries = [...this.store.objects].map(
      ([key, { bytes }]) => [key, bytes.toString("utf8")] as const,
    );
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #build() {
    const { clock, folder, journal, space } = this;
    const book = new TransferBook({
      journal,
      clock,
      publish: () => {
        for (const look of this.#looks) look();
      },
    });
    const newPatience = () => new Patience(this.patience, clock);
    const retries = new Retries({ clock, random: () => 0.5, newPatience });
    const ports: RunPorts = {
      journal,
      book,
      wire: this.wire,
      clock,
      space,
      openStore: async (_profileId, _bucket, signal) => await this.#open(signal),
      hasProfile: () => this.hasProfile,
      retryFor: (observer, patience) => retries.for(observer, patience),
      newPatience,
      itemLimits: () => ({ small: 32, large: 2 }),
      packFolder: (...asked) => this.packFolder(...asked),
      packEntries,
      emptyFile: async () => {
        const path = this.file("empty", "");
        return { path, ...(await statFile(path)) };
      },
      rangeBytes: () => this.rangeBytes,
      protectedPaths: () => this.protectedPaths,
    };
    const runner = new TransferRunner({
      ports,
      limits: () => this.limits,
      isOurs: (id) => this.isOurs(id),
      onBug: (error) => void this.bugs.push(error),
      hold: this.hold,
    });
    const leftovers = new Leftovers({
      book,
      discard: createDiscard(ports, this.closing.signal),
      canAsk: () => true,
      clock,
      onTrouble: (_name, error) => void this.bugs.push(error),
    });
    const desk = new TransferDesk({
      book,
      runner,
      journal,
      clock,
      hold: this.hold,
      discard: (record) => leftovers.discard(record),
      adopt: (id) => void this.adopted.push(id),
      retryNow: () => retries.poke(),
    });
    const incoming = join(folder, "incoming");
    mkdirSync(incoming, { recursive: true });
    const arrivals = new Arrivals({ folder: incoming, book, runner, journal, space });
    return { ports, book, runner, desk, arrivals, leftovers };
  }

  async #open(signal: AbortSignal): Promise<OpenedStore> {
    await this.beforeOpen(signal);
    const { store, slots, connections, partSizeBytes } = this;
    return { store, origin: ORIGIN, slots, connections, partSizeBytes };
  }
}

/** A door in a test's way: what comes waits until it is opened. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();
  readonly #reached = Promise.withResolvers<void>();

  /** Resolves once somebody stands before it. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  async pass(): Promise<void> {
    this.#reached.resolve();
    await this.#opened.promise;
  }

  open(): void {
    this.#opened.resolve();
  }
}

/** All that is already decided has happened when it resolves; no time passes. */
export async function settleDown(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function someId(): TransferId {
  return TransferIds.parse(crypto.randomUUID());
}

export function nth<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`there are only ${list.length}`);
  return found;
}

function fakePack(folder: string): Packing {
  const names = readdirSync(folder).toSorted();
  const progress = { entryCount: 0, readBytes: 0 };
  function* read() {
    for (const name of names) {
      const bytes = readFileSync(join(folder, name));
      progress.readBytes += bytes.length;
      yield bytes;
    }
  }
  return { stream: Readable.from(read()), progress, skipped: {} };
}
