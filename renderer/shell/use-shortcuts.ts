import { useEffect } from "react";
import { useAct } from "../host/use-act.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { lookOf } from "../transfers/look.ts";
import type { Shortcut } from "./shortcut.ts";
import { focusNextRegion } from "./regions.ts";
import { shortcutOf } from "./shortcut.ts";

/** The keys that work on every screen, outside dialogs. */
export function useShortcuts(): void {
  const act = useAct();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('[role="dialog"][aria-modal]')) return;
      const shortcut = shortcutOf(event, isTyping(event.target));
      if (shortcut === null) return;
      event.preventDefault();
      if (shortcut === "pause-all")
        act(isAnyAtWork() ? "transfer.pauseAll" : "transfer.resumeAll", null);
      else run(shortcut);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [act]);
}

function run(shortcut: Exclude<Shortcut, "pause-all">): void {
  const screen = useScreenStore.getState();
  switch (shortcut) {
    case "transfers":
    case "library":
    case "cache":
    case "settings":
      screen.show(shortcut);
      break;
    case "upload-files":
      screen.wantUpload("files");
      break;
    case "upload-folder":
      screen.wantUpload("folder");
      break;
    case "filter":
      // The screen's own, whichever screen it is.
      document.querySelector<HTMLInputElement>("[data-filter] input, input[data-filter]")?.focus();
      break;
    case "limit":
      screen.openLimit(!screen.limitOpen);
      break;
    case "next-region":
      focusNextRegion(document, 1);
      break;
    case "previous-region":
      focusNextRegion(document, -1);
      break;
    case "keys":
      screen.openShortcuts(true);
      break;
  }
}

function isAnyAtWork(): boolean {
  const { byId } = useTransferStore.getState();
  return [...byId.values()].some((view) => {
    const look = lookOf(view);
    return look === "moving" || look === "verifying" || look === "stalled" || look === "waiting";
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]")
  );
}
