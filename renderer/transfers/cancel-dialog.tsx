import { useState } from "react";
import { Button, Modal, Radio } from "@mantine/core";
import type { TransferView } from "#shared/transfer.ts";
import { useFormats } from "../common/use-formats.ts";
import { useAct } from "../host/use-act.ts";
import { useListStore } from "./list-store.ts";
import { viewsOf } from "./selected-views.ts";
import classes from "./cancel-dialog.module.css";

/** Only when something would be lost: a transfer that has moved nothing is canceled at once. */
export function CancelDialog() {
  const ids = useListStore((state) => state.canceling);
  const askToCancel = useListStore((state) => state.askToCancel);
  const views = viewsOf(ids);
  const name = views.length === 1 ? views[0]?.name : `${views.length} transfers`;
  return (
    <Modal
      opened={ids.length > 0}
      onClose={() => askToCancel([])}
      title={`Cancel ${name}?`}
      size={460}
      yOffset={140}
    >
      <Choice views={views} onClose={() => askToCancel([])} />
    </Modal>
  );
}

type ChoiceProps = { readonly views: readonly TransferView[]; readonly onClose: () => void };

function Choice({ views, onClose }: ChoiceProps) {
  const [choice, setChoice] = useState("keep");
  const act = useAct();
  const formats = useFormats();
  const doneBytes = views.reduce((sum, view) => sum + view.doneBytes, 0);
  const isUpload = views.every((view) => view.direction === "upload");
  const where = isUpload ? "there" : "here";
  return (
    <>
      <Radio.Group value={choice} onChange={setChoice} aria-label="What has moved">
        <div className={classes.choices}>
          <Radio
            value="keep"
            label={`Keep what is ${where}, ${formats.bytes(doneBytes)}`}
            description={
              isUpload
                ? "The sent parts stay in the store, under Unfinished. The same upload later sends the rest."
                : "The partial files stay in the folder, under Unfinished. The same download later fetches the rest."
            }
            data-autofocus
          />
          <Radio
            value="delete"
            label={`Delete what is ${where}`}
            description="Files that are whole already stay. Everything else is moved anew next time."
          />
        </div>
      </Radio.Group>
      <div className={classes.foot}>
        <Button size="md" onClick={onClose}>
          Go on with it
        </Button>
        <Button
          size="md"
          variant="danger"
          onClick={() => {
            for (const { id } of views) {
              act("transfer.cancel", { id, keepParts: choice === "keep" });
            }
            onClose();
          }}
        >
          {views.length === 1 ? "Cancel transfer" : "Cancel them"}
        </Button>
      </div>
    </>
  );
}
