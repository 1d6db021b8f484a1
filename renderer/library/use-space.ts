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
  const ask = useCallback(() => {
    if (!folder || !isShown) return;
    client.call("folder.space", { folder }).then(
      (space) => setFound({ of: folder, space }),
      // Getting says why, when the folder still does not answer.
      () => undefined,
    );
  }, [client, folder, isShown]);
  useEffect(ask, [ask]);
  useHereChanges(ask);
  return found && found.of === folder ? found.space : null;
}
