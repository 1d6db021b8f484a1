import { MiB } from "../bytes/sizes.ts";
import type { CloneFile } from "../disk/clone-file.ts";
import type { Clock } from "../flow/clock.ts";
import { Semaphore } from "../flow/semaphore.ts";
import type { FetchResume } from "../parts/resume.ts";
import type { ObjectInfo } from "../stores/store.ts";
import type { CacheFolders, KeptFolder } from "./cache-folders.ts";
import type { CacheJournal, EntryChange, KnownPiece } from "./cache-journal.ts";
import type { Entry } from "./entry.ts";
import { idOf, versionOf } from "./entry.ts";
import { EntryLookups } from "./entry-lookups.ts";
import { findCopy } from "./find-copy.ts";
import type { HeldPaths } from "./held-paths.ts";
import { keepCopy } from "./keep-copy.ts";
import { reachCopy } from "./reach-copy.ts";

/** To prove a smaller one by the origin takes as many requests as to fetch it. */
const WORTH_ASKING_FROM_BYTES = MiB;

export type CopyPlace = {
  readonly object: ObjectInfo;
  readonly origin: string;
  readonly root: string;
  readonly path: string;
};

/** A partial file that was made of a copy here. */
export type Reached = {
  readonly copy: Entry;
  readonly resume: FetchResume;
  /** By which it is proven; null: by what the origin says. */
  readonly pieces: readonly KnownPiece[] | null;
  /** @param isDamaged The copy's bytes turned out not to be the object's. */
  readonly settle: (isDamaged: boolean) => Promise<void>;
};

type CopyPorts = {
  readonly journal: CacheJournal;
  readonly folders: CacheFolders;
  readonly clone: CloneFile;
  readonly held: HeldPaths;
  readonly clock: Clock;
  readonly makeRoom: (folder: KeptFolder, bytes: number) => Promise<boolean>;
  readonly onChange: () => void;
};

/** Copies of objects on this machine, as downloads use them. */
export class LocalCopies {
  readonly #ports: CopyPorts;
  readonly #lookups: EntryLookups;
  readonly #unable = new Set<string>();
  /** One at a time, so that two copies never take the same room under a quota. */
  readonly #keeping = new Semaphore(1);
  /** Whether anything of an origin was here when a run began; asked once a run. */
  readonly #known = new WeakMap<object, Promise<boolean>>();

  constructor(ports: CopyPorts) {
    this.#ports = ports;
    this.#lookups = new EntryLookups(ports.journal, ports.clock);
  }

  /**
   * Makes the partial file of a download out of a valid copy, if there is one.
   *
   * @param run For what many items of a run ask alike.
   * @throws {LonghaulError} where the destination takes nothing; AbortError.
   */
  async reach(
    place: CopyPlace,
    run: object,
    saved: (resume: FetchResume) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Reached | null> {
    const { object, origin, path } = place;
    const { journal, held, clone } = this.#ports;
    if (object.sizeBytes === 0 || object.etag === "") return null;
    if (!(await this.#hasAny(origin, run))) return null;
    const entries = await this.#lookups.of(origin, object.key);
    const found = await findCopy(object, entries, path, journal);
    if (found === null) return null;
    const { entry: copy, pieces } = found;
    if (pieces === null && object.sizeBytes < WORTH_ASKING_FROM_BYTES) return null;
    const letGo = held.hold(copy.path);
    try {
      const resume = await reachCopy({ ...place, copy }, { clone, saved }, signal);
      if (resume === null) return null;
      return { copy, resume, pieces, settle: (isDamaged) => this.#settle(copy, isDamaged) };
    } finally {
      letGo();
    }
  }

  /**
   * Keeps a managed copy of a file that was fetched, where that takes no room of its own.
   *
   * @throws {LonghaulError} what the disk or the journal says; the file itself is as good.
   */
  async keep(own: Entry, signal: AbortSignal): Promise<void> {
    const leave = await this.#keeping.acquire(signal);
    try {
      const kept = await keepCopy(own, { ...this.#ports, unable: this.#unable });
      if (kept !== null) this.#ports.onChange();
    } finally {
      leave();
    }
  }

  async #hasAny(origin: string, run: object): Promise<boolean> {
    const known = this.#known.get(run) ?? this.#ports.journal.hasEntries(origin);
    this.#known.set(run, known);
    return await known;
  }

  async #settle(copy: Entry, isDamaged: boolean): Promise<void> {
    const { journal, clock, onChange } = this.#ports;
    const used: EntryChange = { usedAtMs: clock.wallMs() };
    const change = isDamaged ? { ...used, trouble: "damaged" as const } : used;
    const of = versionOf(copy);
    await journal.commit([{ type: "entry-changed", id: idOf(copy), change, of }]);
    onChange();
  }
}
