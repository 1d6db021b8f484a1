import type { HostInfo } from "#shared/contract.ts";
import type { TransferView } from "#shared/transfer.ts";
import type { Look } from "./look.ts";
import { lookOf } from "./look.ts";

/** What can be done to one transfer. */
export type RowCommand =
  | "pause"
  | "resume"
  | "retry"
  | "show-in-folder"
  | "details"
  | "limit"
  | "move-up"
  | "move-down"
  | "move-top"
  | "move-bottom"
  | "copy-address"
  | "copy-command"
  | "cancel"
  | "clear";

export type PrimaryAction = { readonly command: RowCommand; readonly label: string };

const PRIMARY: Readonly<Record<Look, PrimaryAction | null>> = {
  moving: { command: "pause", label: "Pause" },
  verifying: { command: "pause", label: "Pause" },
  stalled: { command: "resume", label: "Retry now" },
  waiting: { command: "resume", label: "Start now" },
  paused: { command: "resume", label: "Resume" },
  // Its answers are below it.
  asking: null,
  failed: { command: "retry", label: "Try again" },
  done: { command: "show-in-folder", label: "Show in folder" },
  gone: null,
};

/** The one button of a row, by state. Null: there is nothing that a button could do. */
export function primaryAction(view: TransferView, host: HostInfo | null): PrimaryAction | null {
  const action = PRIMARY[lookOf(view)];
  return action?.command === "show-in-folder" && !canShow(view, host) ? null : action;
}

/** What the space bar does. */
export function toggleCommand(view: TransferView): RowCommand | null {
  const look = lookOf(view);
  if (look === "stalled" || look === "waiting") return "pause";
  const action = PRIMARY[look];
  return action === null || action.command === "show-in-folder" ? null : action.command;
}

/** A fetched file that lies on this machine, in a host that can open its folder. */
export function canShow(view: TransferView, host: HostInfo | null): boolean {
  return host?.canShowInFolder === true && view.state.phase === "done" && view.to.kind === "local";
}

export function isSettled({ state }: TransferView): boolean {
  return state.phase === "done" || state.phase === "failed" || state.phase === "canceled";
}
