import { useEffect } from "react";
import type { Destination } from "#shared/settings.ts";
import type { TransferView } from "#shared/transfer.ts";
import { useClient } from "../host/host.ts";
import { useReturn } from "../host/use-return.ts";

/** Many small uploads end one after the other; a listing is a request. */
const WAIT_MS = 2000;

/** Tells when an upload to a place, or below it, came to its end, or may have: it has other objects now. */
export function useUploadsHere(place: Destination, onEnd: () => void): void {
  const client = useClient();
  useEffect(() => {
    let timer: number | null = null;
    const stop = client.onEvent((event) => {
      const isEnd = event.type === "transfers" && event.changed.some((view) => endsAt(view, place));
      if (!isEnd || timer !== null) return;
      timer = window.setTimeout(() => {
        timer = null;
        onEnd();
      }, WAIT_MS);
    });
    return () => {
      stop();
      if (timer !== null) window.clearTimeout(timer);
    };
  }, [client, place, onEnd]);
  useReturn(onEnd);
}

/** Of one that failed or was canceled some files may be there. */
export function endsAt({ direction, state, to }: TransferView, place: Destination): boolean {
  if (direction !== "upload" || !("atMs" in state) || to.kind !== "s3") return false;
  const isBucket = to.profileId === place.profileId && to.bucket === place.bucket;
  return isBucket && (to.key.startsWith(place.prefix) || place.prefix.startsWith(to.key));
}
