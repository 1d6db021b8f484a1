import { useEffect, useRef, useSyncExternalStore } from "react";
import { useHost } from "./host.ts";

/** Calls when the line to the engine is back: what happened meanwhile was not heard. */
export function useReturn(onReturn: () => void): void {
  const { connection } = useHost();
  const { phase } = useSyncExternalStore(connection.subscribe, connection.get);
  const wasAway = useRef(false);
  useEffect(() => {
    const isBack = phase === "open" && wasAway.current;
    wasAway.current = phase !== "open";
    if (isBack) onReturn();
  }, [phase, onReturn]);
}
