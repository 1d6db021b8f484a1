import type { TransferDetail } from "#shared/transfer.ts";
import type { Journal } from "./journal.ts";
import type { RunProgress } from "./run-progress.ts";
import type { TransferRecord } from "./transfer-record.ts";
import { itemCountOf } from "./transfer-record.ts";

const MAX_CELLS = 700;
const LOG_LINES = 500;
const PAGE = 1000;

/** What the detail panel shows. `progress` is undefined while no run is under way. */
export async function readDetail(
  record: TransferRecord,
  progress: RunProgress | undefined,
  journal: Pick<Journal, "items" | "log">,
): Promise<TransferDetail> {
  const isOne = record.listing.isComplete && itemCountOf(record.totals) === 1;
  const parts = isOne ? progress?.map() : null;
  return {
    speed: progress?.speed() ?? [],
    map: parts ?? (await mapFiles(record, progress, journal)),
    log: [...(await journal.log(record.id, LOG_LINES))],
  };
}

/** Files past which the map would cost more to read than it tells. */
const MAX_MAPPED_FILES = 20_000;

/** One cell is one or more files, in the order they were found. */
async function mapFiles(
  record: TransferRecord,
  progress: RunProgress | undefined,
  journal: Pick<Journal, "items">,
): Promise<TransferDetail["map"]> {
  const { counts } = record.totals;
  const total = itemCountOf(record.totals);
  const perCell = Math.max(1, Math.ceil(total / MAX_CELLS));
  const done = counts.done + counts.skipped;
  const inFlight = progress?.items.size ?? 0;
  const base = { unit: "file", total, done, inFlight, perCell } as const;
  if (total > MAX_MAPPED_FILES) return { ...base, cells: "" };
  const doneInCell = new Uint32Array(Math.ceil(total / perCell));
  const failed = new Set<number>();
  for (let afterIndex = -1; ; ) {
    const rows = await journal.items({ transferId: record.id, afterIndex, limit: PAGE });
    for (const { index, phase } of rows) {
      const cell = Math.floor(index / perCell);
      if (phase === "failed") failed.add(cell);
      if (phase === "done" || phase === "skipped") doneInCell[cell] = (doneInCell[cell] ?? 0) + 1;
    }
    afterIndex = rows.at(-1)?.index ?? afterIndex;
    if (rows.length < PAGE) break;
  }
  const moving = new Set([...(progress?.items.keys() ?? [])].map((i) => Math.floor(i / perCell)));
  const cells = Array.from(doneInCell, (count, cell) => {
    if (failed.has(cell)) return "!";
    if (count >= Math.min(perCell, total - cell * perCell)) return "#";
    if (moving.has(cell)) return ">";
    return count > 0 ? "-" : ".";
  });
  return { ...base, cells: cells.join("") };
}
