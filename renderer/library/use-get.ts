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
import type { Ticks } from "./ticks.ts";
import { keptFolders, MOST_TICKS } from "./ticks.ts";
import { clearTicks, useTickStore } from "./tick-store.ts";

/** What to get; `into` is the folder that it is unpacked into, below where it goes. */
type Wish = { readonly ticks: Ticks; readonly into: string | null };

/** Gets what is ticked into the folder. */
export function useGet(place: Destination, target: TargetFolder | undefined) {
  const { getThese, isStarting } = useGetThese(place, target);
  const get = () => {
    const { ticks, unpackedKey } = useTickStore.getState();
    const archive = onlyArchive(ticks);
    const into = archive && archive.key === unpackedKey ? archive.folderName : null;
    void getThese({ ticks, into }).then((isStarted) => isStarted && clearTicks());
  };
  return { get, isStarting };
}

/** Gets rows into the folder, ticked or not; whether it began. */
export function useGetThese(place: Destination, target: TargetFolder | undefined) {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  const notify = useNoticeStore((state) => state.notify);
  const [isStarting, setStarting] = useState(false);

  const getThese = async ({ ticks, into }: Wish): Promise<boolean> => {
    const keys = [...ticks.keys()];
    if (!target || keys.length === 0 || keys.length > MOST_TICKS || isStarting) return false;
    setStarting(true);
    try {
      const { profileId, bucket } = place;
      const started = await client.call("transfer.download", {
        profileId,
        bucket,
        keys,
        ...keptFolders(ticks.values()),
        folder: target.ref,
        ...(into !== null && {
          unpack: { destination: { path: joinPath(target.path, into, host) } },
        }),
      });
      const what = keys.length === 1 ? "1 item" : `${keys.length.toLocaleString("en")} items`;
      const where = homePath(target.path, host);
      const verb = started.isContinued ? "Going on getting" : "Getting";
      notify(`${verb} ${what} into ${where}. See Transfers.`);
      return true;
    } catch (thrown) {
      const words = explainError(toErrorInfo(thrown));
      notify(`${words.what} ${words.todo}`, "warn");
      return false;
    } finally {
      setStarting(false);
    }
  };
  return { getThese, isStarting };
}
