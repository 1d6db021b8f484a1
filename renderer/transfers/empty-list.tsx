import { Button } from "@mantine/core";
import { EmptyState } from "../common/empty-state.tsx";
import { useListStore } from "./list-store.ts";

/** The list has transfers, and none that the filter lets through. */
export function EmptyList() {
  const { segment, text } = useListStore((state) => state.filter);
  const setFilter = useListStore((state) => state.setFilter);
  return (
    <EmptyState text={text === "" ? WORDS[segment] : `Nothing here matches “${text}”.`}>
      <Button onClick={() => setFilter({ segment: "all", text: "" })}>Show all</Button>
    </EmptyState>
  );
}

const WORDS = {
  all: "No transfers.",
  asking: "Nothing needs you.",
  active: "Nothing moves now.",
  waiting: "Nothing waits.",
  done: "Nothing is done yet.",
  unfinished: "Nothing is unfinished.",
} as const;
