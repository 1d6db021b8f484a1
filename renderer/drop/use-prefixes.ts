import { useEffect, useMemo, useState } from "react";
import { useDebouncedValue } from "@mantine/hooks";
import type { Destination } from "#shared/settings.ts";
import { useClient } from "../host/host.ts";

const TYPING_PAUSE_MS = 250;
const OFFERED_AT_MOST = 50;

/** Prefixes of the bucket that begin with what is typed, one level deep; empty until they are known. */
export function usePrefixes({ profileId, bucket, prefix: typed }: Destination): string[] {
  const client = useClient();
  const parent = typed.slice(0, typed.lastIndexOf("/") + 1);
  const here = useMemo(() => ({ profileId, bucket, prefix: parent }), [profileId, bucket, parent]);
  const [asked] = useDebouncedValue(here, TYPING_PAUSE_MS);
  const [found, setFound] = useState<{ readonly of: Destination; readonly prefixes: string[] }>();
  useEffect(() => {
    if (asked.bucket === "") return undefined;
    let isWanted = true;
    client.call("library.list", { ...asked, cursor: null }).then(
      (page) => isWanted && setFound({ of: asked, prefixes: page.prefixes }),
      // Nothing to offer; a prefix need not exist to be uploaded to.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [client, asked]);
  const prefixes = found?.of === here ? found.prefixes : [];
  return prefixes
    .filter((prefix) => prefix.startsWith(typed) && prefix !== typed)
    .slice(0, OFFERED_AT_MOST);
}
