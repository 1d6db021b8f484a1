import type { ReactNode } from "react";
import { Button, Modal } from "@mantine/core";
import { EnterKey } from "../common/enter-key.tsx";
import { askLibrary } from "./library-ask-store.ts";
import classes from "./library-dialog.module.css";

type LibraryDialogProps = {
  readonly title: string;
  /** What its button says, and does. */
  readonly action: string;
  readonly onAct: () => void;
  readonly onCopy: () => void;
  /** The answers make sense. */
  readonly isReady: boolean;
  readonly children: ReactNode;
};

/** Asks what the Library needs to know of a row before it begins; Enter begins. */
export function LibraryDialog(props: LibraryDialogProps) {
  const { isReady } = props;
  const close = () => askLibrary(null);
  return (
    <Modal opened onClose={close} title={props.title} size={560} yOffset={64}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady) return;
          close();
          props.onAct();
        }}
      >
        {props.children}
        <div className={classes.foot}>
          <Button variant="subtle" size="md" disabled={!isReady} onClick={props.onCopy}>
            Copy as command
          </Button>
          <span className={classes.gap} />
          <Button size="md" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            size="md"
            variant="filled"
            rightSection={<EnterKey />}
            disabled={!isReady}
          >
            {props.action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
