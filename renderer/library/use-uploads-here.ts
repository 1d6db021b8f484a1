import { useCallback } from "react";
import type { HostEvent } from "#shared/contract.ts";
import type { Destination } from "#shared/settings.ts";
import type { TransferView } from "#shared/transfer.ts";
import { useChanges } from "../host/use-changes.ts";

/** Many small uploads end one after the other; a listing is a request. */
const WAIT_MS = 2000;

/** Tells when an upload to a place, or below it, came to its end, or may have: it has other objects now. */
export function useUploadsHere(place: Destination, onEnd: () => void): void {
  const isEnd = useCallback(
    (event: HostEvent) =>
      event.type === "transfers" && event.changed.some((view) => endsAt(view, place)),
    [place],
  );
  useChanges(isEnd, onEnd, WAIT_MS);
}

/** Of one that failed or was canceled some files may be there. */
export function endsAt({ direction, state, to }: TransferView, place: Destination): boolean {
  if (direction !== "upload" || !("atMs" in state) || to.kind !== "s3") return false;
  const isBucket = to.profileId === place.profileId && to.bucket === place.bucket;
  return isBucket && (to.key.startsWith(place.prefix) || place.prefix.startsWith(to.key));
}
