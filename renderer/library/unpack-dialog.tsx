import { useState } from "react";
import { Button, Modal } from "@mantine/core";
import type { Destination } from "#shared/settings.ts";
import { copyText } from "../common/copy-text.ts";
import { EnterKey } from "../common/enter-key.tsx";
import { homePath } from "../common/home-path.ts";
import { joinPath } from "../common/join-path.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble } from "../host/use-act.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { commandWhere } from "./command-where.ts";
import { FolderBelow, isFolderName } from "./folder-below.tsx";
import { askLibrary } from "./library-ask-store.ts";
import { lastPart } from "./library-place.ts";
import { commandOfUnpacking } from "./object-command.ts";
import { archiveOf } from "./only-archive.ts";
import type { TargetFolder } from "./target-folder.ts";
import classes from "./library-dialog.module.css";

type UnpackDialogProps = {
  readonly place: Destination;
  readonly objectKey: string;
  readonly targets: readonly TargetFolder[];
};

const close = () => askLibrary(null);

/** Gets one archive, and unpacks it into a folder beside it. */
export function UnpackDialog({ place, objectKey, targets }: UnpackDialogProps) {
  const host = useStatusStore((state) => state.host);
  const [name, setName] = useState(archiveOf(objectKey)?.folderName ?? "");
  const get = useGetAndUnpack();
  const [target] = targets;
  const into = target ? joinPath(target.path, name.trim(), host) : "";
  const canGet = target !== undefined && isFolderName(name);
  return (
    <Modal
      opened
      onClose={close}
      title={`Get and unpack ${lastPart(objectKey)}`}
      size={560}
      yOffset={64}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canGet) get(place, objectKey, { target, into });
        }}
      >
        <FolderBelow targets={targets} name={name} onName={setName} />
        {target && (
          <p className={classes.line}>
            The archive goes to {homePath(target.path, host)} and stays there. It is unpacked into{" "}
            {homePath(into, host)}; if that holds something, you are asked first.
          </p>
        )}
        <div className={classes.foot}>
          <Button
            variant="subtle"
            size="md"
            disabled={!canGet}
            onClick={() => copyText(commandOfUnpacking(objectKey, into, commandWhere()))}
          >
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
            disabled={!canGet}
          >
            Get and unpack
          </Button>
        </div>
      </form>
    </Modal>
  );
}

type Into = { readonly target: TargetFolder; readonly into: string };

function useGetAndUnpack() {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  return ({ profileId, bucket }: Destination, key: string, { target, into }: Into) => {
    close();
    client
      .call("transfer.download", {
        profileId,
        bucket,
        keys: [key],
        folder: target.ref,
        unpack: { destination: { path: into } },
      })
      .then(() => {
        const where = homePath(into, host);
        const text = `Getting ${lastPart(key)}, to be unpacked into ${where}. See Transfers.`;
        useNoticeStore.getState().notify(text);
      }, notifyTrouble);
  };
}
