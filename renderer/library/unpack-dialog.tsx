import { useState } from "react";
import type { Destination } from "#shared/settings.ts";
import { copyText } from "../common/copy-text.ts";
import { homePath } from "../common/home-path.ts";
import { joinPath } from "../common/join-path.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble } from "../host/use-act.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { commandWhere } from "./command-where.ts";
import { FolderBelow, isFolderName } from "./folder-below.tsx";
import { LibraryDialog } from "./library-dialog.tsx";
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

/** Gets one archive, and unpacks it into a folder beside it. */
export function UnpackDialog({ place, objectKey, targets }: UnpackDialogProps) {
  const host = useStatusStore((state) => state.host);
  const [name, setName] = useState(archiveOf(objectKey)?.folderName ?? "");
  const get = useGetAndUnpack();
  const [target] = targets;
  const into = target ? joinPath(target.path, name.trim(), host) : "";
  return (
    <LibraryDialog
      title={`Get and unpack ${lastPart(objectKey)}`}
      action="Get and unpack"
      onAct={() => target && get(place, objectKey, { target, into })}
      onCopy={() => copyText(commandOfUnpacking(objectKey, into, commandWhere()))}
      isReady={target !== undefined && isFolderName(name)}
    >
      <FolderBelow targets={targets} name={name} onName={setName} />
      {target && (
        <p className={classes.line}>
          The archive goes to {homePath(target.path, host)} and stays there. It is unpacked into{" "}
          {homePath(into, host)}; if that holds something, you are asked first.
        </p>
      )}
    </LibraryDialog>
  );
}

type Into = { readonly target: TargetFolder; readonly into: string };

function useGetAndUnpack() {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  return ({ profileId, bucket }: Destination, key: string, { target, into }: Into) => {
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
