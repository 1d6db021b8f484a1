import type { TransferDetail } from "#shared/transfer.ts";
import { formatCount } from "../../common/byte-figures.ts";

type Map = TransferDetail["map"];

/** Beside the map: `1,166 of 2,535, 1 square is 5`. */
export function mapNote({ done, total, perCell }: Map): string {
  const square = perCell > 1 ? `, 1 square is ${formatCount(perCell)}` : "";
  return `${formatCount(done)} of ${formatCount(total)}${square}`;
}

/** The map in words: canvases say nothing to a screen reader. */
export function mapWords({ unit, done, total, inFlight, cells }: Map): string {
  const again = cells.split("!").length - 1;
  const what = unit === "part" ? "parts" : "files";
  const trouble =
    again === 0 ? "" : `, ${again} ${again === 1 ? "square" : "squares"} with trouble`;
  return `${formatCount(done)} of ${formatCount(total)} ${what} done, ${formatCount(inFlight)} in flight${trouble}`;
}
