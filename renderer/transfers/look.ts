import type { Cause, TransferStateView, TransferView } from "#shared/transfer.ts";

/** What a row looks like: the engine's phases, as a person has to tell them apart. */
export type Look =
  | "moving"
  | "verifying"
  | "stalled"
  | "waiting"
  | "paused"
  | "asking"
  | "failed"
  | "done"
  /** Canceled: it leaves the list. */
  | "gone";

export function lookOf(view: Pick<TransferView, "state" | "askingItemCount">): Look {
  const look = lookOfState(view.state);
  const isAtWork = look !== "done" && look !== "failed" && look !== "gone";
  return isAtWork && view.askingItemCount > 0 ? "asking" : look;
}

function lookOfState(state: TransferStateView): Look {
  switch (state.phase) {
    case "queued":
      return state.cause !== null && needsPerson(state.cause) ? "asking" : "waiting";
    case "running":
      return lookOfActivity(state.activity.kind);
    case "paused":
      return needsPerson(state.cause) ? "asking" : "paused";
    case "verifying":
    case "done":
    case "failed":
      return state.phase;
    case "canceled":
      return "gone";
    default:
      return state satisfies never;
  }
}

type ActivityKind = Extract<TransferStateView, { phase: "running" }>["activity"]["kind"];

function lookOfActivity(kind: ActivityKind): Look {
  return kind === "stalled" ? "stalled" : "moving";
}

/** Causes that stay until a person does something. */
const NEEDS_PERSON: Readonly<Record<Cause, boolean>> = {
  user: false,
  schedule: false,
  limit: false,
  offline: false,
  disk: true,
  credentials: true,
  conflict: true,
  "source-changed": true,
  "object-changed": true,
  "upload-gone": true,
  "folder-missing": true,
  drop: true,
  crashed: false,
};

export function needsPerson(cause: Cause): boolean {
  return NEEDS_PERSON[cause];
}
