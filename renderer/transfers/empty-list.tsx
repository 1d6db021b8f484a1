import { Button } from "@mantine/core";
import { useListStore } from "./list-store.ts";
import classes from "./transfers-screen.module.css";

/** The list has transfers, and none that the filter lets through. */
export function EmptyList() {
  const { segment, text } = useListStore((state) => state.filter);
  const setFilter = useListStore((state) => state.setFilter);
  return (
    <div className={classes.empty}>
      <p>{text === "" ? WORDS[segment] : `Nothing here matches “${text}”.`}</p>
      <Button onClick={() => setFilter({ segment: "all", text: "" })}>Show all</Button>
    </div>
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
