import { useCallback, useEffect } from "react";
import type { FollowView } from "#shared/follow.ts";
import { useClient } from "../host/host.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { loadFollows, useFollowStore } from "./follow-store.ts";

/** A run that moves nothing is no transfer that is announced for long. */
const ASKED_AGAIN_MS = 5_000;

/** What is kept in sync, asked again while it is on screen; null until it is known. */
export function useFollows(): readonly FollowView[] | null {
  const client = useClient();
  const follows = useFollowStore((state) => state.follows);
  const phases = useTransferStore((state) =>
    [...state.byId.values()].map((view) => view.state.phase).join(),
  );
  const ask = useCallback(() => void loadFollows(client), [client]);
  useEffect(ask, [ask, phases]);
  useEffect(() => {
    const timer = window.setInterval(ask, ASKED_AGAIN_MS);
    return () => window.clearInterval(timer);
  }, [ask]);
  return follows;
}
