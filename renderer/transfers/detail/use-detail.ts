import { useEffect, useState } from "react";
import type { TransferDetail, TransferId } from "#shared/transfer.ts";
import { useClient } from "../../host/host.ts";
import { useTransferStore } from "../../state/transfer-store.ts";

/** The engine samples once a second; asking more often would answer the same. */
const ASK_EVERY_MS = 1000;

/** Graph, map and log of one transfer: asked for while they are on screen and something changes. */
export function useDetail(id: TransferId): TransferDetail | null {
  const client = useClient();
  const [detail, setDetail] = useState<TransferDetail | null>(null);
  useEffect(() => {
    let isGone = false;
    let isAsking = false;
    let known: unknown;
    async function ask(): Promise<void> {
      const view = useTransferStore.getState().byId.get(id);
      // What runs is sampled every second, whether or not a byte came.
      const isRunning = view?.state.phase === "running";
      if (isAsking || (view === known && !isRunning)) return;
      isAsking = true;
      try {
        const answer = await client.call("transfer.detail", { id });
        known = view;
        if (!isGone) setDetail(answer);
      } catch {
        // The transfer left the list, or the engine is away; the row and the bar above say so.
      } finally {
        isAsking = false;
      }
    }
    void ask();
    const timer = window.setInterval(() => void ask(), ASK_EVERY_MS);
    return () => {
      isGone = true;
      window.clearInterval(timer);
    };
  }, [client, id]);
  return detail;
}
