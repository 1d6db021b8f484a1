import { useCallback, useEffect, useState } from "react";
import type { LocalRef } from "#shared/transfer-request.ts";
import type { Space } from "./sync-words.ts";
import { useClient } from "../host/host.ts";
import { useHereChanges } from "./here-store.ts";

/**
 * Free space where `folder` is; null until it is known.
 *
 * @param isShown It is asked for while somebody sees it, and again when files came or went.
 */
export function useSpace(folder: LocalRef | undefined, isShown = true): Space | null {
  const client = useClient();
  const [found, setFound] = useState<{ readonly of: LocalRef; readonly space: Space }>();
  const [changes, setChanges] = useState(0);
  useHereChanges(useCallback(() => setChanges((count) => count + 1), []));
  useEffect(() => {
    if (!folder || !isShown) return undefined;
    let isWanted = true;
    client.call("folder.space", { folder }).then(
      (space) => isWanted && setFound({ of: folder, space }),
      // Getting says why, when the folder still does not answer.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [client, folder, isShown, changes]);
  return found && found.of === folder ? found.space : null;
}
