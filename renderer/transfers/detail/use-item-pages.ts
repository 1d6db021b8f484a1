import { useCallback } from "react";
import type { HostEvent } from "#shared/contract.ts";
import type { ItemPhase, ItemView, TransferId } from "#shared/transfer.ts";
import type { AskPage } from "../../common/row-pages.ts";
import { useRowPages } from "../../common/use-row-pages.ts";
import { useClient } from "../../host/host.ts";

/** Items in one request. */
const PAGE_ITEMS = 200;

/** The pages of a transfer's items. */
export function useItemPages(id: TransferId, phases: readonly ItemPhase[]) {
  const client = useClient();
  const ask: AskPage<ItemView> = useCallback(
    async (offset, limit) => {
      const asked = { id, offset, limit, phases: [...phases] };
      const { items, total } = await client.call("transfer.items", asked);
      return { rows: items, total };
    },
    [client, id, phases],
  );
  const isChange = useCallback(
    (event: HostEvent) => event.type === "items" && event.ids.includes(id),
    [id],
  );
  return useRowPages(ask, PAGE_ITEMS, isChange);
}
