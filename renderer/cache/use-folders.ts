import { useCallback } from "react";
import { useAsked } from "../common/use-asked.ts";
import { useClient } from "../host/host.ts";
import { isCacheChange } from "./is-cache-change.ts";

/** The cache folders, with what is in them. */
export function useFolders() {
  const client = useClient();
  const ask = useCallback(() => client.call("cache.folders", null), [client]);
  return useAsked(ask, isCacheChange);
}
