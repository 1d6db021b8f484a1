import type { CacheWork, CacheWorkState } from "#shared/cache.ts";
import { isAbort, LonghaulError, toErrorInfo } from "#shared/errors.ts";
import type { Clock } from "../flow/clock.ts";
import type { CacheChange, CacheJournal } from "./cache-journal.ts";
import type { Entry, EntryId } from "./entry.ts";
import { entryKey, idOf, isStill, versionOf } from "./entry.ts";
import type { RepairPorts } from "./repair-entry.ts";
import { repairEntry } from "./repair-entry.ts";
import type { Verdict, VerifyPorts } from "./verify-entry.ts";
import { verifyEntry } from "./verify-entry.ts";

const PAGE = 200;
/** Of failures and of notes. */
const MOST_LINES = 100;

type WorkerPorts = {
  readonly journal: CacheJournal;
  readonly clock: Clock;
  readonly open: VerifyPorts["open"];
  readonly digest: VerifyPorts["digest"];
  readonly clone: RepairPorts["clone"];
  /** Whether the disk of an entry is there as far as anybody knows: what is on it is not lost. */
  readonly isInSight: (entry: Entry) => Promise<boolean>;
  /** @param hasNewEntries Not only the work went on. */
  readonly onChange: (hasNewEntries: boolean) => void;
};

type Kind = CacheWork["kind"];

/** Verifies and repairs, one entry after the other and one wish at a time. */
export class CacheWorker {
  readonly #ports: WorkerPorts;
  #now: CacheWork | null = null;
  #last: CacheWorkState["last"] = null;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Of what is done already; the rest of `doneBytes` is of the entry under way. */
  #settledBytes = 0;

  constructor(ports: WorkerPorts) {
    this.#ports = ports;
  }

  state(): CacheWorkState {
    return { now: this.#now, last: this.#last };
  }

  /**
   * @param ids Null is all, for a repair all that are known as damaged.
   * @throws {LonghaulError} `conflict` while other work runs.
   */
  start(kind: Kind, ids: readonly EntryId[] | null): void {
    if (this.#now !== null) {
      throw new LonghaulError("conflict", `a ${this.#now.kind} of the cache is under way`, {
        details: { cause: "cache-busy" },
      });
    }
    this.#stop = new AbortController();
    this.#settledBytes = 0;
    this.#now = noWork(kind, this.#ports.clock.wallMs());
    this.#running = this.#run(kind, ids, this.#stop.signal);
    this.#ports.onChange(false);
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Never rejects: what stops it is in its failures. */
  async #run(kind: Kind, ids: readonly EntryId[] | null, signal: AbortSignal): Promise<void> {
    try {
      const totals = await this.#measure(kind, ids, signal);
      this.#set(totals);
      for await (const entry of this.#entries(kind, ids, signal)) {
        await this.#workOn(kind, entry, ids !== null, signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#failed({ path: "", origin: "", key: "" }, error);
    }
    const work = this.#now;
    this.#now = null;
    if (work !== null) {
      const endedAtMs = this.#ports.clock.wallMs();
      this.#last = { ...work, endedAtMs, isStopped: signal.aborted };
    }
    this.#ports.onChange(true);
  }

  async #measure(kind: Kind, ids: readonly EntryId[] | null, signal: AbortSignal) {
    let totalBytes = 0;
    let totalCount = 0;
    for await (const { sizeBytes } of this.#entries(kind, ids, signal)) {
      totalBytes += sizeBytes;
      totalCount += 1;
    }
    return { totalBytes, totalCount };
  }

  async *#entries(
    kind: Kind,
    ids: readonly EntryId[] | null,
    signal: AbortSignal,
  ): AsyncGenerator<Entry, void> {
    const { journal } = this.#ports;
    if (ids !== null) {
      const wanted = new Set(ids.map(entryKey));
      const paths = [...new Set(ids.map(({ path }) => path))];
      const found = await journal.entriesAt(paths);
      yield* found.filter((entry) => wanted.has(entryKey(entry)));
      return;
    }
    for (let after: EntryId | null = null; ;) {
      signal.throwIfAborted();
      const page = await journal.entryPage({ after, limit: PAGE });
      for (const entry of page) {
        if (kind === "verify" || entry.trouble === "damaged") yield entry;
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = idOf(last);
    }
  }

  async #workOn(kind: Kind, entry: Entry, isNamed: boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      if (kind === "verify") await this.#verify(entry, signal);
      else await this.#repair(entry, isNamed, signal);
    } catch (error) {
      if (signal.aborted || isAbort(error)) throw error;
      this.#failed(idOf(entry), error);
    }
    this.#settledBytes += entry.sizeBytes;
    this.#set({ doneBytes: this.#settledBytes });
    this.#add("doneCount");
    this.#ports.onChange(true);
  }

  async #verify(entry: Entry, signal: AbortSignal): Promise<void> {
    const verdict = await verifyEntry(entry, this.#tools(entry), signal);
    const { journal, clock } = this.#ports;
    // Of what was fetched anew meanwhile it says nothing.
    if (!(await this.#isStill(entry))) return;
    const isAway = verdict.kind === "missing" && !(await this.#ports.isInSight(entry));
    if (!isAway) await journal.commit(changesOf(entry, verdict, clock.wallMs()));
    const counter = COUNTERS[verdict.kind];
    if (counter !== null) this.#add(counter);
  }

  async #isStill(entry: Entry): Promise<boolean> {
    const found = await this.#ports.journal.entriesAt([entry.path]);
    const now = found.find((one) => entryKey(one) === entryKey(entry));
    return isStill(now, entry);
  }

  async #repair(entry: Entry, isNamed: boolean, signal: AbortSignal): Promise<void> {
    const { journal, clone, clock } = this.#ports;
    const ports = { ...this.#tools(entry), journal, clone, clock };
    const { fetchedBytes, note } = await repairEntry(entry, isNamed, ports, signal);
    // Of one that was right after all nothing was fetched.
    if (fetchedBytes > 0) this.#add("repairedCount");
    this.#add("fetchedBytes", fetchedBytes);
    const notes = this.#now?.notes ?? [];
    if (note !== null && notes.length < MOST_LINES) this.#set({ notes: [...notes, note] });
  }

  #tools(entry: Entry): VerifyPorts {
    const { journal, open, digest } = this.#ports;
    let readBytes = 0;
    return {
      journal,
      open,
      digest: async (path, range, signal) => {
        const found = await digest(path, range, signal);
        // Read twice, it is not done twice.
        readBytes = Math.min(entry.sizeBytes, readBytes + range.end - range.start);
        this.#set({ doneBytes: this.#settledBytes + readBytes });
        this.#ports.onChange(false);
        return found;
      },
    };
  }

  #failed(id: EntryId, error: unknown): void {
    this.#add("failedCount");
    const failures = this.#now?.failures ?? [];
    if (failures.length >= MOST_LINES) return;
    this.#set({ failures: [...failures, { id, error: toErrorInfo(error) }] });
  }

  #add(name: CounterName, by = 1): void {
    if (this.#now !== null) this.#now = { ...this.#now, [name]: this.#now[name] + by };
  }

  #set(change: Partial<CacheWork>): void {
    if (this.#now !== null) this.#now = { ...this.#now, ...change };
  }
}

type CounterName =
  | "doneCount"
  | "damagedCount"
  | "changedCount"
  | "missingCount"
  | "unprovenCount"
  | "repairedCount"
  | "failedCount"
  | "fetchedBytes";

const COUNTERS: Readonly<Record<Verdict["kind"], CounterName | null>> = {
  right: null,
  damaged: "damagedCount",
  changed: "changedCount",
  missing: "missingCount",
  unproven: "unprovenCount",
};

/** What a verdict makes of the record, if it is still the one that was read. */
export function changesOf(entry: Entry, verdict: Verdict, wallMs: number): CacheChange[] {
  const id = idOf(entry);
  const of = versionOf(entry);
  switch (verdict.kind) {
    case "right": {
      const { stamp, pieces } = verdict;
      const change = { stamp, trouble: null, verifiedAtMs: wallMs };
      const changed: CacheChange = { type: "entry-changed", id, change, of };
      // Its stamp may be another one afterwards.
      return pieces === null ? [changed] : [{ type: "pieces-put", id, pieces, of }, changed];
    }
    case "damaged": {
      const change = { stamp: verdict.stamp, trouble: "damaged" } as const;
      return [{ type: "entry-changed", id, change, of }];
    }
    case "changed":
    case "missing":
      return [{ type: "entry-changed", id, change: { trouble: verdict.kind }, of }];
    case "unproven":
      return [];
    default:
      return verdict satisfies never;
  }
}

function noWork(kind: Kind, startedAtMs: number): CacheWork {
  return {
    kind,
    startedAtMs,
    doneBytes: 0,
    totalBytes: 0,
    doneCount: 0,
    totalCount: 0,
    damagedCount: 0,
    changedCount: 0,
    missingCount: 0,
    unprovenCount: 0,
    repairedCount: 0,
    failedCount: 0,
    fetchedBytes: 0,
    failures: [],
    notes: [],
  };
}
