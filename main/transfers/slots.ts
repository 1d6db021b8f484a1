import type { TransferId } from "#shared/transfer.ts";
import type { TransferRecord } from "./transfer-record.ts";
import { isActive } from "./transfer-state.ts";

/** Transfers at once, each way. */
export type SlotLimits = { readonly upload: number; readonly download: number };

/**
 * The queued transfers that get a free slot now. `records` are in queue order; `isUnwinding` says
 * of a transfer that an earlier run of it has not ended yet: it keeps its slot and waits.
 */
export function chooseToStart(
  records: readonly TransferRecord[],
  limits: SlotLimits,
  isUnwinding: (id: TransferId) => boolean,
): readonly TransferId[] {
  const used = { upload: 0, download: 0 };
  for (const record of records) {
    if (isActive(record.state) || isUnwinding(record.id)) used[record.direction] += 1;
  }
  const chosen: TransferId[] = [];
  for (const record of records) {
    if (record.state.phase !== "queued" || isUnwinding(record.id)) continue;
    if (used[record.direction] >= limits[record.direction]) continue;
    used[record.direction] += 1;
    chosen.push(record.id);
  }
  return chosen;
}

/**
 * A position for a transfer that moves within the queue: between its new neighbours, so that no
 * other row changes. `others` are the positions of the rest, ascending.
 */
export function positionFor(
  others: readonly number[],
  current: number,
  to: "top" | "up" | "down" | "bottom",
): number {
  const before = others.filter((position) => position < current);
  const after = others.filter((position) => position >= current);
  switch (to) {
    case "top":
      return (others[0] ?? current) - 1;
    case "bottom":
      return (others.at(-1) ?? current) + 1;
    case "up":
      return between(before.at(-2), before.at(-1), current);
    case "down":
      return between(after[0], after[1], current);
    default:
      return to satisfies never;
  }
}

/** Halfway between two, one beyond the only one, or unchanged beside none. */
function between(low: number | undefined, high: number | undefined, current: number): number {
  if (low !== undefined && high !== undefined) return (low + high) / 2;
  if (high !== undefined) return high - 1;
  if (low !== undefined) return low + 1;
  return current;
}
