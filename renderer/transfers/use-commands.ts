import { useMemo } from "react";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import type { Act } from "../host/use-act.ts";
import type { RowCommand } from "./row-commands.ts";
import { copyText } from "../common/copy-text.ts";
import { useAct } from "../host/use-act.ts";
import { useStatusStore } from "../state/status-store.ts";
import { listState } from "./list-store.ts";
import { addressOf, commandOf, remoteOf } from "./place-text.ts";
import { canShow, isSettled } from "./row-commands.ts";

type Views = readonly TransferView[];
export type RunCommand = (command: RowCommand, views: Views) => void;

/** Does a command to transfers; what the host answers comes back as an event. */
export function useCommands(): RunCommand {
  const act = useAct();
  return useMemo(() => {
    const does = commandsOf(act);
    return (command, views) => {
      if (views.length > 0) does[command](views);
    };
  }, [act]);
}

/** What each command does. */
function commandsOf(act: Act): Readonly<Record<RowCommand, (views: Views) => void>> {
  const each =
    (name: "transfer.pause" | "transfer.resume" | "transfer.retry") => (views: Views) => {
      for (const { id } of views) act(name, { id });
    };
  const move = (to: "top" | "up" | "down" | "bottom") => (views: Views) => {
    for (const { id } of views) act("transfer.move", { id, to });
  };
  return {
    pause: each("transfer.pause"),
    resume: each("transfer.resume"),
    retry: each("transfer.retry"),
    "move-top": move("top"),
    "move-up": move("up"),
    "move-down": move("down"),
    "move-bottom": move("bottom"),
    "show-in-folder": (views) => {
      for (const { id } of views.filter(isShowable)) act("host.showInFolder", { id });
    },
    limit: (views) => {
      const ids = views.filter((view) => !isSettled(view)).map(({ id }) => id);
      const [first] = ids;
      if (first !== undefined) listState().askToCap({ ids, anchor: placeOfRow(first) });
    },
    details: () => listState().openDetail(!listState().isDetailOpen),
    "copy-address": (views) =>
      copyText(lines(views, (view) => addressOf(remoteOf(view) ?? view.from))),
    "copy-command": (views) => copyText(lines(views, commandOf)),
    cancel: (views) => cancel(act, views),
    clear: (views) => clear(act, views.filter(isSettled)),
  };
}

/** What has settled only leaves the list; what has moved nothing is canceled without a question. */
function cancel(act: Act, views: Views): void {
  clear(act, views.filter(isSettled));
  const running = views.filter((view) => !isSettled(view));
  for (const { id } of running.filter(hasNothing)) {
    act("transfer.cancel", { id, keepParts: false });
  }
  const asked = running.filter((view) => !hasNothing(view));
  if (asked.length > 0) listState().askToCancel(asked.map(({ id }) => id));
}

function clear(act: Act, views: Views): void {
  if (views.length > 0) act("transfer.clear", { ids: views.map(({ id }) => id) });
}

function isShowable(view: TransferView): boolean {
  return canShow(view, useStatusStore.getState().host);
}

function hasNothing(view: TransferView): boolean {
  return view.doneBytes === 0 && view.inFlightBytes === 0;
}

function lines(views: Views, textOf: (view: TransferView) => string | null): string {
  return views.flatMap((view) => textOf(view) ?? []).join("\n");
}

/** On screen; a row that is scrolled away has none, and the corner serves. */
function placeOfRow(id: TransferId): DOMRect {
  const row = document.querySelector(`[role="row"][data-id="${CSS.escape(id)}"]`);
  return row?.getBoundingClientRect() ?? new DOMRect();
}
