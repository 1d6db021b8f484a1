import { useShallow } from "zustand/react/shallow";
import type { TransferView } from "#shared/transfer.ts";
import type { GroupName } from "./group.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { groupOf } from "./group.ts";

export type GroupCounts = Readonly<Record<GroupName, number>>;

export function countGroups(views: Iterable<TransferView>): GroupCounts {
  const counts = { asking: 0, active: 0, waiting: 0, done: 0 };
  for (const view of views) {
    const group = groupOf(view);
    if (group !== null) counts[group] += 1;
  }
  return counts;
}

export function useTransferCounts(): GroupCounts {
  return useTransferStore(useShallow((state) => countGroups(state.byId.values())));
}
