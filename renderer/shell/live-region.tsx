import { VisuallyHidden } from "@mantine/core";
import { useLiveStore } from "../state/live-store.ts";

/** The one place that speaks by itself. Two elements by turns, so that the same words are heard twice. */
export function LiveRegion() {
  const { text, count } = useLiveStore();
  return (
    <VisuallyHidden component="div" role="status" aria-live="polite">
      <span>{count % 2 === 0 ? text : ""}</span>
      <span>{count % 2 === 1 ? text : ""}</span>
    </VisuallyHidden>
  );
}
