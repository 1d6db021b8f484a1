import { create } from "zustand";
import type { TransferId, TransferView } from "#shared/transfer.ts";

type Transfers = {
  readonly byId: ReadonlyMap<TransferId, TransferView>;
  /** The host has answered; before, an empty list says nothing. */
  readonly isLoaded: boolean;
};

/** What the host said last of every transfer. A row takes its own entry, so that others' ticks pass it by. */
export const useTransferStore = create<Transfers>(() => ({ byId: new Map(), isLoaded: false }));

export function useTransfer(id: TransferId): TransferView | undefined {
  return useTransferStore((state) => state.byId.get(id));
}

/** The whole list, at the start and after a lost connection. */
export function replaceTransfers(views: readonly TransferView[]): void {
  useTransferStore.setState({
    byId: new Map(views.map((view) => [view.id, view])),
    isLoaded: true,
  });
}

/** What an event brings. Entries that it does not name stay the same objects. */
export function mergeTransfers(
  changed: readonly TransferView[],
  removed: readonly TransferId[],
): void {
  useTransferStore.setState(({ byId }) => {
    const next = new Map(byId);
    for (const view of changed) next.set(view.id, view);
    for (const id of removed) next.delete(id);
    return { byId: next };
  });
}
