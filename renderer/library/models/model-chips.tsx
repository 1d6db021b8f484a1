import { useEffect, useMemo } from "react";
import type { ModelEntry } from "#shared/library-models.ts";
import type { Destination } from "#shared/settings.ts";
import { ChipRow } from "../../common/chip-row.tsx";
import { useClient } from "../../host/host.ts";
import { useHereStore, wantAllHere } from "../here-store.ts";
import type { HereFilter } from "./model-here.ts";
import { countHere, HERE_FILTERS } from "./model-here.ts";
import { modelFiles } from "./model-words.ts";

const LABELS: Readonly<Record<HereFilter, string>> = {
  all: "All",
  here: "Here",
  part: "Partly here",
  newer: "Newer upstream",
};

type ModelChipsProps = {
  readonly place: Destination;
  readonly models: readonly ModelEntry[];
  readonly filter: HereFilter;
  readonly onFilter: (filter: HereFilter) => void;
};

/**
 * Which models the list shows, by what is here of them. That is asked for of those off the screen
 * only once a chip is used; there are figures when it is known of every one.
 */
export function ModelChips({ place, models, filter, onFilter }: ModelChipsProps) {
  const client = useClient();
  const states = useHereStore((state) => state.states);
  const counts = useMemo(() => countHere(models, states), [models, states]);
  const isUsed = filter !== "all";
  useEffect(() => {
    const files = isUsed ? models.flatMap(modelFiles) : [];
    const objects = files.map(({ key, etag, sizeBytes }) => ({ key, etag, sizeBytes }));
    wantAllHere(client, place, objects);
  }, [client, place, models, isUsed]);
  useEffect(() => () => wantAllHere(client, place, []), [client, place]);
  return (
    <ChipRow
      chips={HERE_FILTERS.map((value) => ({
        value,
        label: LABELS[value],
        count: value === "all" ? models.length : (counts?.[value] ?? null),
      }))}
      value={filter}
      onChange={onFilter}
      note={isUsed && counts === null && "Finding out what is here…"}
    />
  );
}
