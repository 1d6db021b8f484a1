import type { TransferId } from "#shared/transfer.ts";
import type { SpaceLedger } from "../disk/free-space.ts";
import type { Clock } from "../flow/clock.ts";
import type { TransferBook } from "./transfer-book.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { TransferState } from "./transfer-state.ts";
import { assertOpenFolder } from "../disk/folder-trouble.ts";
import { isForDisk } from "./outcome.ts";
import { isSettled } from "./transfer-state.ts";

const LOOK_EVERY_MS = 2_000;
/** A disk that says it has room and has none (a quota) is tried this seldom at last. */
const LONGEST_REST_MS = 30_000;
/**
 * What was deleted to make room counts as free only later on some disks: btrfs gives it back with its
 * next commit, every 30 s (its `commit=` option). Until then nothing more goes.
 */
const FREED_SHOWS_WITHIN_MS = 120_000;

type Resting = Extract<TransferState, { phase: "paused" }>;

/** One transfer's pauses for the disk, in a row. */
type Rest = {
  /** Of the pause; another one is a new pause. */
  readonly sinceMs: number;
  readonly doneBytes: number;
  /** Pauses without a byte of progress between them. */
  readonly vainCount: number;
  /** Monotonic: not looked at before. */
  readonly dueMs: number;
};

type Ports = {
  readonly book: TransferBook;
  readonly space: Pick<SpaceLedger, "lackingBytes">;
  readonly clock: Clock;
  /** Which transfers this process may run. */
  readonly isOurs: (id: TransferId) => boolean;
  readonly wake: () => void;
  /** Makes that many bytes more free on the disk of a folder, of what can be had again; whether it could. */
  readonly freeUp?: ((folder: string, bytes: number) => Promise<boolean>) | undefined;
};

/** Looks at disks that transfers rest for, and lets those go on that can: nobody has to come. */
export class DiskWatch {
  readonly #ports: Ports;
  readonly #rests = new Map<TransferId, Rest>();
  /** Folders that are being looked at: a share that hangs is asked once, and holds up no other. */
  readonly #asked = new Set<string>();
  /** When room may be made for a folder again, monotonic. */
  readonly #freeDueMs = new Map<string, number>();
  readonly #freeing = new Set<string>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Looks until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#ports.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
      if (!signal.aborted) void this.look();
    }
  }

  /** Looks once; resolves when all disks have answered. Never rejects. */
  async look(): Promise<void> {
    const due = this.#due();
    const folders = new Set(due.map(folderOf));
    await Promise.all(
      [...folders]
        .filter((folder) => !this.#asked.has(folder))
        .map((folder) =>
          this.#lookAt(
            folder,
            due.filter((record) => folderOf(record) === folder),
          ),
        ),
    );
  }

  #due(): readonly TransferRecord[] {
    const { book, clock, isOurs } = this.#ports;
    const nowMs = clock.nowMs();
    for (const id of this.#rests.keys()) {
      const state = book.find(id)?.state;
      if (state === undefined || isSettled(state)) this.#rests.delete(id);
    }
    return book.list().filter((record) => {
      const rest = isOurs(record.id) ? restingOf(record.state) : null;
      return rest !== null && this.#restOf(record, rest, nowMs).dueMs <= nowMs;
    });
  }

  #restOf({ id, totals }: TransferRecord, { sinceMs }: Resting, nowMs: number): Rest {
    const before = this.#rests.get(id);
    if (before?.sinceMs === sinceMs) return before;
    const { doneBytes } = totals;
    const isVain = before !== undefined && before.doneBytes >= doneBytes;
    const vainCount = isVain ? before.vainCount + 1 : 0;
    const restMs = vainCount === 0 ? 0 : Math.min(LONGEST_REST_MS, LOOK_EVERY_MS * 2 ** vainCount);
    const rest = { sinceMs, doneBytes, vainCount, dueMs: nowMs + restMs };
    this.#rests.set(id, rest);
    return rest;
  }

  async #lookAt(folder: string, records: readonly TransferRecord[]): Promise<void> {
    this.#asked.add(folder);
    try {
      if (folder !== "") await assertOpenFolder(folder);
      const needsBytes: number[] = [];
      for (const record of records) {
        const neededBytes = neededFor(record);
        if (await this.#hasRoom(folder, neededBytes)) await this.#goOn(record);
        else needsBytes.push(neededBytes);
      }
      // Not waited for: a disk of copies that hangs holds up nobody. The next look finds the room.
      if (needsBytes.length > 0) void this.#freeUp(folder, needsBytes);
    } catch {
      // Still away, or still closed: it is looked at again.
    } finally {
      this.#asked.delete(folder);
    }
  }

  async #hasRoom(folder: string, neededBytes: number): Promise<boolean> {
    return neededBytes === 0 || (await this.#ports.space.lackingBytes(folder, neededBytes)) === 0;
  }

  /** For all that lack room, or where that cannot be, for the first. Never rejects. */
  async #freeUp(folder: string, needsBytes: readonly number[]): Promise<void> {
    const { clock, freeUp, space } = this.#ports;
    const nowMs = clock.nowMs();
    for (const [each, dueMs] of this.#freeDueMs) if (dueMs <= nowMs) this.#freeDueMs.delete(each);
    if (freeUp === undefined || this.#freeing.has(folder) || this.#freeDueMs.has(folder)) return;
    this.#freeing.add(folder);
    const free = async (neededBytes: number) => {
      const lackingBytes = await space.lackingBytes(folder, neededBytes);
      return await freeUp(folder, lackingBytes);
    };
    const [firstBytes = 0] = needsBytes;
    const allBytes = needsBytes.reduce((sum, bytes) => sum + bytes, 0);
    const wishes = new Set([allBytes, firstBytes]);
    let hasFreed = false;
    for (const bytes of wishes) hasFreed ||= await free(bytes).catch(() => false);
    this.#freeing.delete(folder);
    // What could not be done is tried again.
    const waitMs = hasFreed ? FREED_SHOWS_WITHIN_MS : LONGEST_REST_MS;
    this.#freeDueMs.set(folder, clock.nowMs() + waitMs);
  }

  /** Unless somebody paused it meanwhile for another reason. */
  async #goOn({ id }: TransferRecord): Promise<void> {
    const { book, wake } = this.#ports;
    if (!book.find(id) || restingOf(book.upcomingState(id)) === null) return;
    await book.apply(id, { type: "queued" });
    wake();
  }
}

/** Bytes that have to be free for it to go on; 0 where it rests for another reason. */
function neededFor({ state, totals }: TransferRecord): number {
  const error = restingOf(state)?.error;
  if (error?.code !== "disk-full") return 0;
  return error.details.neededBytes ?? Math.max(1, totals.sizeBytes - totals.doneBytes);
}

function restingOf(state: TransferState): Resting | null {
  return state.phase === "paused" && isForDisk(state.cause) ? state : null;
}

/** Empty for an upload, which needs no folder but what it reads. */
function folderOf({ spec }: TransferRecord): string {
  return spec.kind === "download" ? spec.folder : "";
}
