import type { TransferView } from "#shared/transfer.ts";
import type { Look } from "./look.ts";
import { lookOf } from "./look.ts";

export type GroupName = "asking" | "active" | "waiting" | "done";

/** Top to bottom. */
export const GROUP_NAMES = ["asking", "active", "waiting", "done"] as const;

const GROUP_OF_LOOK: Readonly<Record<Look, GroupName | null>> = {
  asking: "asking",
  failed: "asking",
  moving: "active",
  verifying: "active",
  stalled: "active",
  waiting: "waiting",
  paused: "waiting",
  done: "done",
  gone: null,
};

/** Null: it is not on the list. A row changes group only when its state changes. */
export function groupOf(view: Pick<TransferView, "state" | "askingItemCount">): GroupName | null {
  return GROUP_OF_LOOK[lookOf(view)];
}
