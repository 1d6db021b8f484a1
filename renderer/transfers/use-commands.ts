import { useMemo } from "react";
import type { TransferView } from "#shared/transfer.ts";
import type { RowCommand } from "./row-commands.ts";
import { copyText } from "../common/copy-text.ts";
import { useAct } from "../host/use-act.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useListStore } from "./list-store.ts";
import { addressOf, commandOf, remoteOf } from "./place-text.ts";
import { canShow, isSettled } from "./row-commands.ts";

export type RunCommand = (command: RowCommand, views: readonly TransferView[]) => void;

/** Does a command to transfers; what the host answers comes back as an event. */
export function useCommands(): RunCommand {
  const act = useAct();
  return useMemo(() => {
    const each = (
      name: "transfer.pause" | "transfer.resume" | "transfer.retry",
      views: readonly TransferView[],
    ) => {
      for (const { id } of views) act(name, { id });
    };
    const move = (to: "top" | "up" | "down" | "bottom", views: readonly TransferView[]) => {
      for (const { id } of views) act("transfer.move", { id, to });
    };
    const clear = (views: readonly TransferView[]) =>
      act("transfer.clear", { ids: views.map(({ id }) => id) });
    return (command, views) => {
      if (views.length === 0) return;
      switch (command) {
        case "pause":
        case "resume":
        case "retry":
          each(`transfer.${command}`, views);
          break;
        case "move-top":
        case "move-up":
        case "move-down":
        case "move-bottom":
          move(MOVES[command], views);
          break;
        case "show-in-folder":
          for (const view of views.filter(isShowable)) act("host.showInFolder", { id: view.id });
          break;
        case "details": {
          const { isDetailOpen, openDetail } = useListStore.getState();
          openDetail(!isDetailOpen);
          break;
        }
        case "copy-address":
          copyText(lines(views, (view) => addressOf(remoteOf(view) ?? view.from)));
          break;
        case "copy-command":
          copyText(lines(views, commandOf));
          break;
        case "cancel":
          cancel(views);
          break;
        case "clear":
          clear(views.filter(isSettled));
          break;
      }
    };

    /** What has settled only leaves the list; what has moved nothing is canceled without a question. */
    function cancel(views: readonly TransferView[]): void {
      const settled = views.filter(isSettled);
      if (settled.length > 0) clear(settled);
      const running = views.filter((view) => !isSettled(view));
      for (const view of running.filter(hasNothing)) {
        act("transfer.cancel", { id: view.id, keepParts: false });
      }
      const asked = running.filter((view) => !hasNothing(view));
      if (asked.length > 0) useListStore.getState().askToCancel(asked.map(({ id }) => id));
    }
  }, [act]);
}

const MOVES = {
  "move-top": "top",
  "move-up": "up",
  "move-down": "down",
  "move-bottom": "bottom",
} as const;

function isShowable(view: TransferView): boolean {
  return canShow(view, useStatusStore.getState().host);
}

function hasNothing(view: TransferView): boolean {
  return view.doneBytes === 0 && view.inFlightBytes === 0;
}

function lines(
  views: readonly TransferView[],
  textOf: (view: TransferView) => string | null,
): string {
  return views.flatMap((view) => textOf(view) ?? []).join("\n");
}
