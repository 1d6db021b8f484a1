import { Button, Modal } from "@mantine/core";
import type { CacheFolder } from "#shared/cache.ts";
import { entriesText } from "../cache/work-words.ts";
import { homePath } from "../common/home-path.ts";
import { useFormats } from "../common/use-formats.ts";
import { useStatusStore } from "../state/status-store.ts";
import dialog from "../cache/dialog.module.css";

type Ask = { readonly folder: CacheFolder; readonly onYes: () => void };
type CacheRemoveDialogProps = { readonly ask: Ask | null; readonly onClose: () => void };

/** A folder whose disk is away takes with it what is known of its copies. */
export function CacheRemoveDialog({ ask, onClose }: CacheRemoveDialogProps) {
  const { bytes } = useFormats();
  const host = useStatusStore((state) => state.host);
  return (
    <Modal
      opened={ask !== null}
      onClose={onClose}
      title={`Remove ${ask ? homePath(ask.folder.path, host) : ""}?`}
      size={480}
      yOffset={140}
    >
      {ask && (
        <>
          <p className={dialog.text}>
            Its disk is not connected. {entriesText(ask.folder.entryCount)},{" "}
            {bytes(ask.folder.usedBytes)}, are forgotten; no file is deleted. When the disk comes
            back, Longhaul does not know them any more, and they stay there until you delete them.
          </p>
          <div className={dialog.foot}>
            <Button size="md" data-autofocus onClick={onClose}>
              Keep it
            </Button>
            <Button
              size="md"
              variant="danger"
              onClick={() => {
                onClose();
                ask.onYes();
              }}
            >
              Remove
            </Button>
          </div>
        </>
      )}
    </Modal>
  );
}
