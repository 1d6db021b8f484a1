import { ChipRow } from "../common/chip-row.tsx";
import { useFormats } from "../common/use-formats.ts";
import { lookAt, useCacheStore } from "./cache-store.ts";
import type { Counts } from "./use-counts.ts";
import { FILTERS } from "./use-counts.ts";
import { entriesText } from "./work-words.ts";

const LABELS: Readonly<Record<(typeof FILTERS)[number], string>> = {
  all: "All",
  pinned: "Pinned",
  unused: "Not used for 90 days",
  trouble: "Needs attention",
  own: "Your own files",
};

/** Which entries the list shows. */
export function FilterChips({ counts }: { readonly counts: Counts | null }) {
  const filter = useCacheStore((state) => state.filter);
  const { bytes } = useFormats();
  const sum = counts?.get(filter);
  return (
    <ChipRow
      chips={FILTERS.map((value) => ({
        value,
        label: LABELS[value],
        count: counts?.get(value)?.total ?? null,
      }))}
      value={FILTERS.find((value) => value === filter) ?? "all"}
      onChange={(value) => lookAt({ filter: value })}
      note={sum && `${entriesText(sum.total)}, ${bytes(sum.sizeBytes)}`}
    />
  );
}
