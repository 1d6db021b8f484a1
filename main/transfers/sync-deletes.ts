import type { ErrorInfo } from "#shared/errors.ts";
import { MORE_DELETES } from "#shared/sync.ts";
import type { Entry } from "../cache/entry.ts";
import { isRetryable, LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { isThere } from "../disk/is-there.ts";
import { runLanes } from "../parts/run-lanes.ts";
import type { Removed, RemoveOrder } from "../stores/store.ts";
import { MOST_REMOVED } from "../stores/store.ts";
import {
  ARRIVED_SINCE,
  BACK_AGAIN,
  CHANGED_SINCE,
  DELETED,
  DELETED_KEEPING_VERSIONS,
  WOULD_DELETE,
} from "./item-notes.ts";
import { ItemPager } from "./item-pager.ts";
import { ExtraSource } from "./item-record.ts";
import type { ItemRow } from "./journal.ts";
import { listExtras } from "./list-extras.ts";
import { listingRetry } from "./list-transfer.ts";
import type { RunOutcome } from "./outcome.ts";
import { removeEmptied, removeExtraFile } from "./remove-extra-files.ts";
import type { Run } from "./run-ports.ts";
import type { Listing } from "./transfer-record.ts";
import { agreementOf } from "./transfer-record.ts";
import type { TransferSpec } from "./transfer-spec.ts";
import { syncOf } from "./transfer-spec.ts";

/** Files removed at once. */
const LANES = 8;

/** What became of one thing that was to be deleted. */
type Fate =
  | { readonly isGone: true; readonly note: string; readonly keepsVersions?: boolean }
  | { readonly isGone: false; readonly note: string }
  | { readonly error: ErrorInfo };

export function isDeleting(spec: TransferSpec): boolean {
  return syncOf(spec)?.deletes === true;
}

/**
 * Moves what a sync has to move, and, when all of it is there, removes what is at the destination
 * alone. What is to go is an item of the journal before anything goes, so that a crash at any moment
 * leaves nothing but less to do.
 */
export async function moveAndDelete(
  run: Run,
  move: () => Promise<RunOutcome>,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { book } = run.ports;
  const { id } = run.record;
  const hasMoved = isDeletingNow(book.get(id).listing);
  const outcome = hasMoved ? FINISHED : await move();
  const pager = new ItemPager(book, id, () => undefined);
  if (outcome.kind !== "finished" || pager.listing.extras === "none") return outcome;
  if (pager.listing.extras !== "listed") await listExtras(run, pager, signal);
  assertAgreed(run);
  for (let rows = await waiting(run); rows.length > 0; rows = await waiting(run)) {
    signal.throwIfAborted();
    await settle(run, rows, await removeAll(run, rows, signal));
  }
  const { failed } = book.get(id).totals.counts;
  if (failed === 0) return FINISHED;
  const message = `${failed} items failed`;
  return { kind: "failed", error: { code: "items-failed", message, details: { count: failed } } };
}

/** @throws {LonghaulError} `conflict` where more is to go than somebody agreed to. */
function assertAgreed({ ports, record }: Run): void {
  const { counters, totals } = ports.book.get(record.id);
  const most = (counters.agreed ?? agreementOf(record.spec))?.mostDeletes ?? null;
  const count = totals.counts.waiting;
  if (most === null || count <= most) return;
  const message = `${count} would be deleted, and ${most} were agreed to, so nothing was deleted`;
  throw new LonghaulError("conflict", message, { details: { count, cause: MORE_DELETES } });
}

const FINISHED: RunOutcome = { kind: "finished" };

/** Everything else has moved: an earlier run came so far. */
function isDeletingNow({ extras }: Listing): boolean {
  return extras === "listing" || extras === "listed";
}

async function waiting({ ports, record }: Run): Promise<readonly ItemRow[]> {
  const query = { transferId: record.id, phases: ["waiting"], limit: MOST_REMOVED } as const;
  return await ports.journal.items(query);
}

async function removeAll(
  run: Run,
  rows: readonly ItemRow[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ItemRow, Fate>> {
  const { spec } = run.record;
  const fates = new Map<ItemRow, Fate>();
  if (syncOf(spec)?.isDryRun === true) {
    for (const row of rows) fates.set(row, { isGone: true, note: WOULD_DELETE });
  } else if (spec.kind === "download") await removeFiles(run, rows, { fates, signal });
  else await removeObjects(run, rows, { fates, signal });
  return fates;
}

type Means = { readonly fates: Map<ItemRow, Fate>; readonly signal: AbortSignal };

async function removeObjects(
  run: Run,
  rows: readonly ItemRow[],
  { fates, signal }: Means,
): Promise<void> {
  const { spec } = run.record;
  const root = spec.kind === "upload" ? (spec.sources[0] ?? "") : "";
  const due = new Map<ItemRow, RemoveOrder>();
  const look = async (row: ItemRow) => {
    const source = ExtraSource.parse(row.source);
    if (source.kind !== "extra-object") return;
    if (await isThere(root, row.name)) fates.set(row, { isGone: false, note: BACK_AGAIN });
    else due.set(row, source);
  };
  await runLanes(LANES, rows.values(), look, signal);
  await listingRetry(run).run(
    null,
    async () => await removeDue(run, due, { fates, signal }),
    signal,
  );
}

/** @throws {LonghaulError} when some of it may go when it is tried again. */
async function removeDue(
  { opened }: Run,
  due: Map<ItemRow, RemoveOrder>,
  { fates, signal }: Means,
): Promise<void> {
  if (due.size === 0) return;
  const asked = [...due.keys()];
  const removed = await opened.store.removeAll([...due.values()], signal);
  let passing: Extract<Removed, { outcome: "failed" }> | null = null;
  for (const [index, row] of asked.entries()) {
    const one = removed[index];
    if (one === undefined) continue;
    if (one.outcome === "failed" && isRetryable(one.error.code)) {
      passing = one;
      continue;
    }
    fates.set(row, fateOf(one));
    due.delete(row);
  }
  if (passing !== null) throw passing.error;
}

function fateOf(removed: Removed): Fate {
  switch (removed.outcome) {
    case "removed": {
      const { keepsVersions } = removed;
      return {
        isGone: true,
        note: keepsVersions ? DELETED_KEEPING_VERSIONS : DELETED,
        keepsVersions,
      };
    }
    case "changed":
      return { isGone: false, note: CHANGED_SINCE };
    case "failed":
      return { error: toErrorInfo(removed.error) };
    default:
      return removed satisfies never;
  }
}

async function removeFiles(
  run: Run,
  rows: readonly ItemRow[],
  { fates, signal }: Means,
): Promise<void> {
  const { ports, record } = run;
  const root = record.spec.kind === "download" ? record.spec.folder : "";
  const gone: string[] = [];
  const arrived = await arrivedSince(run, rows);
  const remove = async (row: ItemRow) => {
    const source = ExtraSource.parse(row.source);
    if (source.kind !== "extra-file") return;
    if (arrived.has(source.path)) {
      fates.set(row, { isGone: false, note: ARRIVED_SINCE });
      return;
    }
    try {
      const isGone = await removeExtraFile(root, source);
      if (isGone) gone.push(source.path);
      fates.set(row, isGone ? { isGone, note: DELETED } : { isGone, note: CHANGED_SINCE });
    } catch (error) {
      fates.set(row, { error: toErrorInfo(error) });
    }
  };
  await runLanes(LANES, rows.values(), remove, signal);
  await removeEmptied(root, gone);
  const entries = gone.length === 0 ? [] : await ports.journal.entriesAt(gone);
  await ports.journal.commit(entries.map((id) => ({ type: "entry-removed", id })));
}

/**
 * Files that other transfers brought from there while this one ran: their objects came after it was
 * listed, and are at the source.
 */
async function arrivedSince(
  { ports, record, opened }: Run,
  rows: readonly ItemRow[],
): Promise<ReadonlySet<string>> {
  const { spec, createdAtMs } = record;
  if (spec.kind !== "download") return new Set();
  const extras = rows.map(({ source }) => ExtraSource.parse(source));
  const paths = extras.flatMap((one) => (one.kind === "extra-file" ? [one.path] : []));
  const [prefix = ""] = spec.keys;
  const isNew = (entry: Entry) =>
    entry.origin === opened.origin && entry.key.startsWith(prefix) && entry.addedAtMs > createdAtMs;
  const entries = await ports.journal.entriesAt(paths);
  return new Set(entries.filter(isNew).map(({ path }) => path));
}

async function settle(
  { ports }: Run,
  rows: readonly ItemRow[],
  fates: ReadonlyMap<ItemRow, Fate>,
): Promise<void> {
  await Promise.all(
    rows.map(async (row) => {
      const fate = fates.get(row);
      if (fate === undefined) throw new Error(`${row.name} is nothing that could be deleted`);
      if ("error" in fate) {
        await ports.book.changeItem(row, { phase: "failed", error: fate.error });
        return;
      }
      const { note } = fate;
      const tally = fate.isGone
        ? { sync: "delete" as const, keepsVersions: fate.keepsVersions ?? false }
        : {};
      await ports.book.changeItem(row, { phase: "skipped", note, error: null }, tally);
    }),
  );
}
