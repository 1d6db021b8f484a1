import { useCallback, useMemo, useState } from "react";
import { Modal } from "@mantine/core";
import type { CacheFolder } from "#shared/cache.ts";
import { TroubleNote } from "../common/trouble-note.tsx";
import { useAsked } from "../common/use-asked.ts";
import { useClient } from "../host/host.ts";
import { useSettings } from "../state/settings-store.ts";
import { lookAt, useCacheStore } from "./cache-store.ts";
import { presetsOf } from "./free-goal.ts";
import { FreePreview } from "./free-preview.tsx";
import { FreeTarget } from "./free-target.tsx";
import { isCacheChange } from "./is-cache-change.ts";
import classes from "./free-sheet.module.css";

/** What would go, before anything goes. */
export function FreeSheet({ folders }: { readonly folders: readonly CacheFolder[] }) {
  const freeing = useCacheStore((state) => state.freeing);
  const close = () => lookAt({ freeing: null });
  return (
    <Modal opened={freeing !== null} onClose={close} title="Free up space" size={640} yOffset={64}>
      {freeing && <FreeForm first={freeing.folder} folders={folders} onClose={close} />}
    </Modal>
  );
}

type FreeFormProps = {
  readonly first: string | null;
  readonly folders: readonly CacheFolder[];
  readonly onClose: () => void;
};

function FreeForm({ first, folders, onClose }: FreeFormProps) {
  const { sizeUnits } = useSettings();
  const [folder, setFolder] = useState(first);
  /** Null: nothing was chosen, so the least that is offered. */
  const [wanted, setWanted] = useState<number | null>(null);
  const { value: mostBytes, error, refresh } = useMost(folder);
  const presets = useMemo(() => presetsOf(mostBytes ?? 0, sizeUnits), [mostBytes, sizeUnits]);
  const freeBytes = wanted ?? presets[0]?.bytes ?? null;
  const goal = useMemo(
    () => (freeBytes === null ? null : { freeBytes, folder }),
    [freeBytes, folder],
  );
  if (error && mostBytes === null) return <TroubleNote error={error} />;
  if (mostBytes === null) return <div className={classes.waiting} />;
  return (
    <>
      <FreeTarget
        folders={folders}
        folder={folder}
        freeBytes={freeBytes}
        mostBytes={mostBytes}
        presets={presets}
        onFolder={(next) => {
          setFolder(next);
          setWanted(null);
        }}
        onWant={setWanted}
      />
      <FreePreview goal={goal} folders={folders} onClose={onClose} onChanged={refresh} />
    </>
  );
}

/** All that could be freed there. */
function useMost(folder: string | null) {
  const client = useClient();
  const ask = useCallback(async () => {
    const goal = { freeBytes: Number.MAX_SAFE_INTEGER, folder };
    return (await client.call("cache.preview", { ...goal, limit: 1 })).freedBytes;
  }, [client, folder]);
  return useAsked(ask, isCacheChange);
}
