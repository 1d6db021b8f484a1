import type { ErrorInfo } from "#shared/errors.ts";
import { toErrorInfo } from "#shared/errors.ts";
import type { Follow, FollowId } from "#shared/follow.ts";
import { NO_SYNC, SyncWish } from "#shared/sync.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { Clock } from "../flow/clock.ts";
import type { FollowBook } from "./follow-book.ts";
import { isPrefix } from "./item-names.ts";
import type { TransferBook } from "./transfer-book.ts";
import type { TransferDesk } from "./transfer-desk.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { DownloadSpec } from "./transfer-spec.ts";
import { isSettled } from "./transfer-state.ts";

/** It looks at least this often: clocks are set, and machines sleep. */
const LONGEST_SLEEP_MS = 30_000;
/** How often it looks for the end of what runs. */
const LOOK_MS = 1_000;
/** What fails is not tried less often than this, or than it was asked for. */
const LONGEST_BACKOFF_MS = 3_600_000;

type Ports = {
  readonly follows: FollowBook;
  readonly book: TransferBook;
  readonly desk: TransferDesk;
  readonly clock: Clock;
  readonly log: (text: string) => void;
};

type Running = { readonly transferId: TransferId; readonly isContinued: boolean };

/** Runs what follows its source when it is due, each as a transfer like any other, one at a time. */
export class FollowKeeper {
  readonly #ports: Ports;
  readonly #running = new Map<FollowId, Running>();
  /** The last run of each that moved something: it is in the list until the next one ends. */
  readonly #shown = new Map<FollowId, TransferId>();
  #wake = new AbortController();

  constructor(ports: Ports) {
    this.#ports = ports;
    ports.follows.onChange(() => this.#wake.abort());
  }

  isRunning(id: FollowId): boolean {
    return this.#running.has(id);
  }

  /** Until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const woken = AbortSignal.any([signal, this.#wake.signal]);
      await this.look().catch((error: unknown) => log(`what is followed waits: ${String(error)}`));
      await clock.sleep(this.#sleepMs(), woken).catch(() => undefined);
    }
  }

  /** Notes what has ended, and starts what is due. */
  async look(): Promise<void> {
    const { follows, clock } = this.#ports;
    for (const [id, running] of this.#running) await this.#note(id, running);
    const nowMs = clock.wallMs();
    for (const follow of follows.list()) {
      // A clock that was set back must not keep it waiting for longer than it was asked for.
      const isDue = follow.nextAtMs <= nowMs || follow.nextAtMs > nowMs + waitOf(follow);
      if (isDue && !this.#running.has(follow.id)) await this.#start(follow);
    }
  }

  async #start(follow: Follow): Promise<void> {
    try {
      const { id, isContinued } = await this.#ports.desk.start(specOf(follow));
      this.#running.set(follow.id, { transferId: id, isContinued });
    } catch (error) {
      this.#ended(follow, toErrorInfo(error));
    }
  }

  /** What rests, because a person or a disk is wanted, is under way still. */
  async #note(id: FollowId, { transferId, isContinued }: Running): Promise<void> {
    const { follows, book, clock } = this.#ports;
    const follow = follows.find(id);
    const record = book.find(transferId);
    if (follow !== undefined && record !== undefined && !isSettled(record.state)) return;
    this.#running.delete(id);
    if (follow === undefined) return;
    if (record?.state.phase === "failed") return this.#ended(follow, record.state.error, record);
    if (record?.state.phase !== "done") {
      return follows.ran(id, null, clock.wallMs() + follow.everyMs);
    }
    await this.#clear(id, record);
    // One that was begun earlier knows its source as it was then.
    const waitMs = isContinued ? 0 : follow.everyMs;
    const atMs = clock.wallMs();
    const counts = record.counters.sync ?? NO_SYNC;
    follows.ran(id, { atMs, error: null, counts }, atMs + waitMs);
  }

  #ended(follow: Follow, error: ErrorInfo, record?: TransferRecord): void {
    const { follows, clock, log } = this.#ports;
    const atMs = clock.wallMs();
    const counts = record?.counters.sync ?? NO_SYNC;
    const waitMs = waitOf({ ...follow, failures: follow.failures + 1 });
    log(`${follow.bucket}/${follow.key} could not be followed: ${error.message}`);
    follows.ran(follow.id, { atMs, error, counts }, atMs + waitMs);
  }

  /** Runs that moved nothing are no news, and of those that did the last one is enough. */
  async #clear(id: FollowId, { id: transferId, counters }: TransferRecord): Promise<void> {
    const { desk } = this.#ports;
    if (counters.sync?.moves === 0) return await desk.clear(transferId);
    const before = this.#shown.get(id);
    this.#shown.set(id, transferId);
    if (before !== undefined) await desk.clear(before);
  }

  #sleepMs(): number {
    if (this.#running.size > 0) return LOOK_MS;
    const nowMs = this.#ports.clock.wallMs();
    const nextMs = this.#ports.follows.list().map(({ nextAtMs }) => nextAtMs - nowMs);
    return Math.max(1, Math.min(LONGEST_SLEEP_MS, ...nextMs));
  }
}

/** Twice as long with every failure in a row, and never less than it was asked for. */
function waitOf({ everyMs, failures }: Follow): number {
  return Math.max(everyMs, Math.min(LONGEST_BACKOFF_MS, everyMs * 2 ** Math.min(failures, 20)));
}

function specOf({ profileId, bucket, key, folder, include, exclude }: Follow): DownloadSpec {
  return {
    kind: "download",
    profileId,
    bucket,
    keys: [key],
    folder,
    rename: null,
    contentsOnly: isPrefix(key),
    onConflict: "replace",
    readBack: false,
    include,
    exclude,
    sync: SyncWish.parse({}),
  };
}
