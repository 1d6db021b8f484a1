import { useCallback, useEffect, useState } from "react";
import type { UnfinishedTransfer } from "#shared/unfinished.ts";
import { useClient } from "../host/host.ts";
import { useTransferStore } from "../state/transfer-store.ts";

/** What is held changes with a transfer's phase; what is off the list says nothing by itself. */
const ASKED_AGAIN_MS = 5_000;

/** What is unfinished, null until it is known, and the way to ask again. */
export type Unfinished = {
  readonly found: readonly UnfinishedTransfer[] | null;
  readonly ask: () => void;
};

export function useUnfinished(): Unfinished {
  const client = useClient();
  const [found, setFound] = useState<readonly UnfinishedTransfer[] | null>(null);
  const phases = useTransferStore((state) =>
    [...state.byId.values()].map((view) => view.state.phase).join(),
  );
  const ask = useCallback(() => {
    // While the engine is away the bar above says so, and the next turn asks again.
    client.call("transfer.unfinished", null).then(setFound, () => undefined);
  }, [client]);
  useEffect(ask, [ask, phases]);
  useEffect(() => {
    const timer = window.setInterval(ask, ASKED_AGAIN_MS);
    return () => window.clearInterval(timer);
  }, [ask]);
  return { found, ask };
}
