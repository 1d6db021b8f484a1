import { useEffect, useState } from "react";
import type { LocalRef } from "#shared/contract.ts";
import type { Space } from "./sync-words.ts";
import { useClient } from "../host/host.ts";

/** Free space where `folder` is, asked again when that changes; null until it is known. */
export function useSpace(folder: LocalRef | undefined): Space | null {
  const client = useClient();
  const [space, setSpace] = useState<Space | null>(null);
  useEffect(() => {
    let isWanted = true;
    setSpace(null);
    if (!folder) return undefined;
    client.call("folder.space", { folder }).then(
      (found) => isWanted && setSpace(found),
      // Getting says why, when the folder still does not answer.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [client, folder]);
  return space;
}
