import type { ItemPhase, TransferDetail } from "#shared/transfer.ts";
import type { ItemRow, Journal } from "./journal.ts";
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
  const base = {
    unit: "file",
    total,
    done: counts.done + counts.skipped,
    inFlight: progress?.items.size ?? 0,
    perCell,
  } as const;
  if (total > MAX_MAPPED_FILES) return { ...base, cells: "" };
  const cells = new FileCells(total, perCell);
  for await (const { index, phase } of allItems(record, journal)) cells.add(index, phase);
  return { ...base, cells: cells.draw(progress?.items.keys() ?? []) };
}

class FileCells {
  readonly #total: number;
  readonly #perCell: number;
  readonly #done: Uint32Array;
  readonly #failed = new Set<number>();

  constructor(total: number, perCell: number) {
    this.#total = total;
    this.#perCell = perCell;
    this.#done = new Uint32Array(Math.ceil(total / perCell));
  }

  add(index: number, phase: ItemPhase): void {
    const cell = this.#cellOf(index);
    if (phase === "failed") this.#failed.add(cell);
    if (phase === "done" || phase === "skipped") this.#done[cell] = (this.#done[cell] ?? 0) + 1;
  }

  /** @param moving Indexes of the items under way. */
  draw(moving: Iterable<number>): string {
    const underWay = new Set([...moving].map((index) => this.#cellOf(index)));
    return Array.from(this.#done, (done, cell) => {
      if (this.#failed.has(cell)) return "!";
      if (done >= Math.min(this.#perCell, this.#total - cell * this.#perCell)) return "#";
      if (underWay.has(cell)) return ">";
      return done > 0 ? "-" : ".";
    }).join("");
  }

  #cellOf(index: number): number {
    return Math.floor(index / this.#perCell);
  }
}

async function* allItems(
  { id }: TransferRecord,
  journal: Pick<Journal, "items">,
): AsyncGenerator<ItemRow> {
  for (let afterIndex = -1; ;) {
    const rows = await journal.items({ transferId: id, afterIndex, limit: PAGE });
    yield* rows;
    afterIndex = rows.at(-1)?.index ?? afterIndex;
    if (rows.length < PAGE) return;
  }
}
