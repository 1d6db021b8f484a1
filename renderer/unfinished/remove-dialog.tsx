import { Button, Modal } from "@mantine/core";
import type { UnfinishedTransfer } from "#shared/unfinished.ts";
import { useFormats } from "../common/use-formats.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble } from "../host/use-act.ts";
import { amountHeld } from "./unfinished-words.ts";
import classes from "../transfers/cancel-dialog.module.css";

type RemoveDialogProps = {
  /** Null is closed. */
  readonly transfer: UnfinishedTransfer | null;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
};

/** What is held would be lost, so it is asked; the focus starts on keeping it. */
export function RemoveDialog({ transfer, onClose, onRemoved }: RemoveDialogProps) {
  return (
    <Modal
      opened={transfer !== null}
      onClose={onClose}
      title={`Remove what ${transfer?.name ?? ""} has left?`}
      size={460}
      yOffset={140}
    >
      {transfer && <Loss transfer={transfer} onClose={onClose} onRemoved={onRemoved} />}
    </Modal>
  );
}

type LossProps = Omit<RemoveDialogProps, "transfer"> & { readonly transfer: UnfinishedTransfer };

function Loss({ transfer, onClose, onRemoved }: LossProps) {
  const client = useClient();
  const { bytes } = useFormats();
  const held = bytes(amountHeld(transfer).heldBytes);
  return (
    <>
      <p className={classes.loss}>
        {transfer.direction === "upload"
          ? `${held} of sent parts are removed from the store. The same upload later sends them again. Files that are whole there stay.`
          : `${held} of partial files are deleted here. The same download later fetches them again. Files that are whole stay.`}
      </p>
      <div className={classes.foot}>
        <Button size="md" data-autofocus onClick={onClose}>
          Keep it
        </Button>
        <Button
          size="md"
          variant="danger"
          onClick={() => {
            onClose();
            client
              .call("transfer.cancel", { id: transfer.id, keepParts: false })
              .then(onRemoved, notifyTrouble);
          }}
        >
          Remove
        </Button>
      </div>
    </>
  );
}
