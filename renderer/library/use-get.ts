import { useState } from "react";
import type { Destination } from "#shared/settings.ts";
import type { TargetFolder } from "./target-folder.ts";
import { explainError } from "#shared/error-words.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { homePath } from "../common/home-path.ts";
import { joinPath } from "../common/join-path.ts";
import { useClient } from "../host/host.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { onlyArchive } from "./only-archive.ts";
import { keptFolders, MOST_TICKS } from "./ticks.ts";
import { clearTicks, useTickStore } from "./tick-store.ts";

/** Gets what is ticked into the folder. */
export function useGet(place: Destination, target: TargetFolder | undefined) {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  const notify = useNoticeStore((state) => state.notify);
  const [isStarting, setStarting] = useState(false);

  const start = async (folder: TargetFolder) => {
    const { ticks, unpackedKey } = useTickStore.getState();
    const keys = [...ticks.keys()];
    const archive = onlyArchive(ticks);
    const into = archive && archive.key === unpackedKey ? archive.folderName : null;
    if (keys.length === 0 || keys.length > MOST_TICKS || isStarting) return;
    setStarting(true);
    try {
      const { profileId, bucket } = place;
      const started = await client.call("transfer.download", {
        profileId,
        bucket,
        keys,
        ...keptFolders(ticks.values()),
        folder: folder.ref,
        ...(into !== null && {
          unpack: { destination: { path: joinPath(folder.path, into, host) } },
        }),
      });
      clearTicks();
      const what = keys.length === 1 ? "1 item" : `${keys.length.toLocaleString("en")} items`;
      const where = homePath(folder.path, host);
      const verb = started.isContinued ? "Going on getting" : "Getting";
      notify(`${verb} ${what} into ${where}. See Transfers.`);
    } catch (thrown) {
      const words = explainError(toErrorInfo(thrown));
      notify(`${words.what} ${words.todo}`, "warn");
    } finally {
      setStarting(false);
    }
  };
  const get = () => {
    if (target) void start(target);
  };
  return { get, isStarting };
}
