import { useEffect, useState } from "react";
import type { LocalRef } from "#shared/transfer-request.ts";
import type { Space } from "./sync-words.ts";
import { useClient } from "../host/host.ts";

/** Free space where `folder` is, asked again when that changes; null until it is known. */
export function useSpace(folder: LocalRef | undefined): Space | null {
  const client = useClient();
  const [found, setFound] = useState<{ readonly of: LocalRef; readonly space: Space }>();
  useEffect(() => {
    if (!folder) return undefined;
    let isWanted = true;
    client.call("folder.space", { folder }).then(
      (space) => isWanted && setFound({ of: folder, space }),
      // Getting says why, when the folder still does not answer.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [client, folder]);
  return found && found.of === folder ? found.space : null;
}
