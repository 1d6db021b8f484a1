import { Button } from "@mantine/core";
import { copyText } from "../common/copy-text.ts";
import { homePath } from "../common/home-path.ts";
import { PathText } from "../common/path-text.tsx";
import { saveAsFile } from "../common/save-as-file.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble, useAct } from "../host/use-act.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { Setting, SettingGroup, SettingPage } from "./setting.tsx";
import classes from "./storage-page.module.css";

/** What helps somebody who helps. */
export function HelpPage() {
  const host = useStatusStore((state) => state.host);
  const act = useAct();
  const save = useSaveDiagnostics();
  if (!host) return null;
  const logs = [host.home, "logs"].join(host.pathSeparator);
  return (
    <SettingPage>
      <SettingGroup
        title="Logs"
        note="What Longhaul did, in ten files of 10 MB that take turns. Keys and tokens are taken out before a line is written."
      >
        <Setting label="Folder of the logs">
          <span className={classes.folder}>
            <PathText path={homePath(logs, host)} />
          </span>
          {host.canShowInFolder ? (
            <Button onClick={() => act("host.openLogs", null)}>Open logs</Button>
          ) : (
            <Button onClick={() => copyText(logs)}>Copy path</Button>
          )}
        </Setting>
      </SettingGroup>
      <SettingGroup
        title="Diagnostics"
        note="For somebody who helps you: versions, settings and profiles without secrets, the last errors, and counts of the queue. Names of files, buckets and folders are in it."
      >
        <Setting label="One file of text" note="longhaul doctor --save FILE writes the same.">
          <Button onClick={() => void save()}>
            {host.canPick ? "Save diagnostics…" : "Save diagnostics"}
          </Button>
        </Setting>
      </SettingGroup>
      <SettingGroup title="Version">
        <Setting label="Longhaul">
          <span className={classes.folder}>
            {host.version} on {host.platform}
          </span>
        </Setting>
      </SettingGroup>
    </SettingPage>
  );
}

/** Where the system has a dialog it asks where; a browser keeps it among its downloads. */
function useSaveDiagnostics(): () => Promise<void> {
  const client = useClient();
  const canPick = useStatusStore((state) => state.host?.canPick === true);
  return async () => {
    try {
      if (canPick) {
        const path = await client.call("host.saveDiagnostics", null);
        if (path !== null) useNoticeStore.getState().notify(`Saved as ${path}.`);
        return;
      }
      const { fileName, text } = await client.call("host.diagnostics", null);
      saveAsFile(fileName, text);
    } catch (error) {
      notifyTrouble(error);
    }
  };
}
