import { useSyncExternalStore } from "react";
import { IconDatabaseX, IconPlugConnectedX } from "@tabler/icons-react";
import { homeTroubleWords } from "#shared/home-words.ts";
import type { Connection } from "../host/host.ts";
import { useHost } from "../host/host.ts";
import { useStatusStore } from "../state/status-store.ts";
import classes from "./connection-bar.module.css";

/** Above every screen while the list of transfers cannot be written: nothing can move then. */
export function HomeBar() {
  const trouble = useStatusStore((state) => state.homeTrouble);
  const { connection } = useHost();
  const { phase } = useSyncExternalStore(connection.subscribe, connection.get);
  // What an engine said that cannot be reached is no news.
  if (trouble === null || phase !== "open") return null;
  const { what, next } = homeTroubleWords(trouble);
  return (
    <div className={classes.bar} role="alert">
      <IconDatabaseX size={18} stroke={1.7} aria-hidden />
      <div>
        <strong>{what}</strong>
        <span>{next}</span>
      </div>
    </div>
  );
}

/** Above every screen while the engine cannot be reached; what is below it is what was known last. */
export function ConnectionBar() {
  const { connection } = useHost();
  const words = wordsOf(useSyncExternalStore(connection.subscribe, connection.get));
  if (!words) return null;
  return (
    <div className={classes.bar} role="alert">
      <IconPlugConnectedX size={18} stroke={1.7} aria-hidden />
      <div>
        <strong>{words.what}</strong>
        <span>{words.next}</span>
      </div>
    </div>
  );
}

export function wordsOf(
  connection: Connection,
): { readonly what: string; readonly next: string } | null {
  switch (connection.phase) {
    case "connecting":
    case "open":
      return null;
    case "lost":
      return {
        what: "The engine stopped. Start Longhaul again.",
        next: "This page connects by itself once it runs, and transfers go on where they were.",
      };
    case "refused":
      return {
        what: "This page is not signed in to Longhaul.",
        next: "Open the address that Longhaul printed when it started; it carries the key.",
      };
    default:
      return connection satisfies never;
  }
}
