import type { TransferId, TransferView } from "#shared/transfer.ts";
import { useTransferStore } from "../state/transfer-store.ts";

/** What is known now of these transfers; those that are gone are left out. */
export function viewsOf(ids: Iterable<TransferId>): readonly TransferView[] {
  const { byId } = useTransferStore.getState();
  return [...ids].flatMap((id) => byId.get(id) ?? []);
}
