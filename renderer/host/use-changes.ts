import { useEffect } from "react";
import type { HostEvent } from "#shared/contract.ts";
import { useClient } from "./host.ts";
import { useReturn } from "./use-return.ts";

/** Changes are announced four times a second; what is asked for because of them is needed once. */
const WAIT_MS = 1000;

/**
 * Calls once for all changes of a second, and when the line to the engine is back. `isChange` and
 * `onChange` stay the same objects while they mean the same.
 */
export function useChanges(
  isChange: (event: HostEvent) => boolean,
  onChange: () => void,
  waitMs = WAIT_MS,
): void {
  const client = useClient();
  useEffect(() => {
    let timer: number | null = null;
    const stop = client.onEvent((event) => {
      if (!isChange(event) || timer !== null) return;
      timer = window.setTimeout(() => {
        timer = null;
        onChange();
      }, waitMs);
    });
    return () => {
      stop();
      if (timer !== null) window.clearTimeout(timer);
    };
  }, [client, isChange, onChange, waitMs]);
  useReturn(onChange);
}
