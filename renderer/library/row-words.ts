import type { Formats } from "../common/use-formats.ts";
import type { LibraryRow } from "./library-rows.ts";
import type { Here } from "./here-words.ts";
import { hereSentence } from "./here-words.ts";
import type { Measure } from "./ticks.ts";
import { formatDay } from "../common/format-date.ts";

/** A row as one sentence, for who cannot see its columns. */
export function sentenceOf(
  row: LibraryRow,
  {
    isTicked,
    measure,
    here,
    isFollowed,
  }: {
    readonly isTicked: boolean;
    readonly measure: Measure | undefined;
    readonly here: Here;
    /** It is kept in sync. */
    readonly isFollowed: boolean;
  },
  formats: Formats,
): string {
  const size = sizeWords(row, measure, formats);
  const parts =
    row.kind === "object"
      ? [row.name, size, `modified ${formatDay(row.modifiedAtMs)}`]
      : [`${row.name}, prefix`, ...(size === "" ? [] : [size])];
  const said = [
    ...parts,
    hereSentence(here),
    isFollowed ? "kept in sync" : "",
    isTicked ? "ticked" : "",
  ];
  return said.filter((part) => part !== "").join(", ");
}

/** The size column: empty for a prefix that nobody counted. */
export function sizeWords(row: LibraryRow, measure: Measure | undefined, formats: Formats): string {
  if (row.kind === "object") return formats.bytes(row.sizeBytes);
  if (measure?.kind !== "measured") return "";
  return `${measure.isCut ? "over " : ""}${formats.bytes(measure.sizeBytes)}`;
}
