import type { Direction, Receipt } from "#shared/transfer.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { clockText } from "../../common/clock-text.ts";
import type { Formats } from "../../common/use-formats.ts";
import type { Fact } from "./facts.tsx";
import { rungText } from "./rungs.ts";

/** All that a finished item's receipt holds, top to bottom. */
export function itemFacts(
  receipt: Receipt,
  direction: Direction,
  formats: Pick<Formats, "bytes">,
): readonly Fact[] {
  const { sizeBytes, rung, sha256, etag, versionId, partCount, movedTwiceBytes, notes } = receipt;
  return [
    { label: "Size", value: `${formatCount(sizeBytes)} bytes` },
    { label: "Proof", value: rungText(rung, direction) },
    ...copied("SHA-256", sha256),
    ...copied("ETag", etag),
    ...copied("Version", versionId),
    { label: "Parts", value: formatCount(partCount) },
    { label: "Moved twice", value: formats.bytes(movedTwiceBytes) },
    { label: "Finished", value: clockText(receipt.finishedAtMs, Date.now()) },
    ...notes.map((note, index) => ({
      label: index === 0 ? "Notes" : `Note ${index + 1}`,
      value: note,
    })),
  ];
}

function copied(label: string, value: string | null): readonly Fact[] {
  return value === null ? [] : [{ label, value, copy: value }];
}

/** The same as lines of text, exact where the screen rounds. */
export function receiptText(name: string, receipt: Receipt, direction: Direction): string {
  const { sizeBytes, rung, sha256, etag, versionId, partCount, movedTwiceBytes, notes } = receipt;
  const lines: readonly (readonly [string, string | number | null])[] = [
    ["File", name],
    ["Size", `${sizeBytes} bytes`],
    ["Proof", `${rungText(rung, direction)} (${rung})`],
    ["SHA-256", sha256],
    ["ETag", etag],
    ["Version", versionId],
    ["Parts", partCount],
    ["Moved twice", `${movedTwiceBytes} bytes`],
    ["Finished", new Date(receipt.finishedAtMs).toISOString()],
    ...notes.map((note) => ["Note", note] as const),
  ];
  return lines
    .flatMap(([label, value]) => (value === null ? [] : [`${label}: ${value}`]))
    .join("\n");
}
