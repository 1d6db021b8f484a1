import { useCallback } from "react";
import { Button, Modal } from "@mantine/core";
import type { CacheFolder } from "#shared/cache.ts";
import { isCacheChange } from "../cache/is-cache-change.ts";
import { overBytes } from "../cache/usage.ts";
import { entriesText } from "../cache/work-words.ts";
import { homePath } from "../common/home-path.ts";
import { useAsked } from "../common/use-asked.ts";
import { useFormats } from "../common/use-formats.ts";
import { useClient } from "../host/host.ts";
import { useStatusStore } from "../state/status-store.ts";
import dialog from "../cache/dialog.module.css";

export type FolderLimits = {
  readonly quotaBytes: number | null;
  /** Absent stays as it is; null is the usual. */
  readonly keepFreeBytes?: number | null;
};

type Ask = {
  readonly folder: CacheFolder;
  readonly limits: FolderLimits;
  readonly onYes: () => void;
};

type CacheLimitDialogProps = { readonly ask: Ask | null; readonly onClose: () => void };

/** A limit below what is kept deletes copies at once, so what goes is said before. */
export function CacheLimitDialog({ ask, onClose }: CacheLimitDialogProps) {
  return (
    <Modal
      opened={ask !== null}
      onClose={onClose}
      title="Delete what is over this limit?"
      size={480}
      yOffset={140}
    >
      {ask && <Loss ask={ask} onClose={onClose} />}
    </Modal>
  );
}

function Loss({ ask, onClose }: { readonly ask: Ask; readonly onClose: () => void }) {
  const { folder, limits, onYes } = ask;
  const { bytes } = useFormats();
  const host = useStatusStore((state) => state.host);
  const keepFreeBytes = limits.keepFreeBytes ?? folder.keepFreeBytes;
  const wantedBytes = overBytes(folder, { quotaBytes: limits.quotaBytes, keepFreeBytes });
  const { value } = useLoss(folder.path, wantedBytes);
  const missing = value && !value.isEnough;
  return (
    <>
      <p className={dialog.text}>
        In {homePath(folder.path, host)} that is {bytes(wantedBytes)} too much.{" "}
        {value &&
          `${entriesText(value.total)}, ${bytes(value.freedBytes)}, are deleted at once, the longest unused first. This cannot be undone; what goes can be fetched again from its bucket.`}{" "}
        {missing && "The rest stays: it is pinned, yours, or in use by a transfer."}
      </p>
      <div className={dialog.foot}>
        <Button size="md" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button
          size="md"
          variant="danger"
          disabled={!value}
          onClick={() => {
            onClose();
            onYes();
          }}
        >
          {value && value.total > 0 ? `Delete ${entriesText(value.total)}` : "Set the limit"}
        </Button>
      </div>
    </>
  );
}

function useLoss(folder: string, freeBytes: number) {
  const client = useClient();
  const ask = useCallback(
    () => client.call("cache.preview", { folder, freeBytes, limit: 1 }),
    [client, folder, freeBytes],
  );
  return useAsked(ask, isCacheChange);
}
