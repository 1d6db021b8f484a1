import { useMemo } from "react";
import { Button } from "@mantine/core";
import { IconFolder } from "@tabler/icons-react";
import { homePath } from "../common/home-path.ts";
import { PathText } from "../common/path-text.tsx";
import { useFormats } from "../common/use-formats.ts";
import { pickPlaces } from "../folder/folder-store.ts";
import { useClient } from "../host/host.ts";
import { useAct } from "../host/use-act.ts";
import { useSpace } from "../library/use-space.ts";
import { useSettings } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { CacheFolders } from "./cache-folders.tsx";
import { Setting, SettingGroup, SettingPage } from "./setting.tsx";
import classes from "./storage-page.module.css";

/** Where files go on the machine that runs the engine, and how much is kept there. */
export function StoragePage() {
  const client = useClient();
  const act = useAct();
  const formats = useFormats();
  const host = useStatusStore((state) => state.host);
  const { downloadFolder } = useSettings();
  const folder = useMemo(
    () => (downloadFolder === "" ? undefined : { path: downloadFolder }),
    [downloadFolder],
  );
  const space = useSpace(folder);
  const change = async () => {
    const [picked] = await pickPlaces(client, host, "folder", "Download folder");
    if (picked) act("settings.set", { downloadFolder: picked.path });
  };
  const free = space && Math.max(0, space.freeBytes - space.reservedBytes);
  return (
    <SettingPage>
      <SettingGroup
        title="Downloads"
        note="Plain files under their own names. The Library puts them here unless another folder is chosen there."
      >
        <Setting
          label="Download folder"
          note={free === null ? " " : `${formats.bytes(free)} can be used`}
        >
          <span className={classes.folder}>
            <IconFolder size={16} stroke={1.6} aria-hidden />
            <PathText path={homePath(downloadFolder, host)} />
          </span>
          <Button onClick={() => void change()}>Change…</Button>
        </Setting>
      </SettingGroup>
      <CacheFolders />
      {host && (
        <SettingGroup
          title="Home"
          note="The queue, settings and what arrives from a browser live here."
        >
          <Setting label="Longhaul's own folder">
            <span className={classes.folder}>
              <PathText path={homePath(host.home, host)} />
            </span>
          </Setting>
        </SettingGroup>
      )}
    </SettingPage>
  );
}
