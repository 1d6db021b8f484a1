import { Anchor } from "@mantine/core";
import { IconFolder, IconPlugConnectedX } from "@tabler/icons-react";
import type { CacheFolder } from "#shared/cache.ts";
import { homePath } from "../common/home-path.ts";
import { PathText } from "../common/path-text.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { awayText, freeText, keptText } from "./usage.ts";
import { UsageBar } from "./usage-bar.tsx";
import classes from "./folder-list.module.css";

/** What the cache folders hold, and what else fills their disks. */
export function FolderList({ folders }: { readonly folders: readonly CacheFolder[] }) {
  return (
    <div className={classes.list}>
      {folders.map((folder) => (
        <Folder key={folder.path} folder={folder} />
      ))}
      <Legend />
    </div>
  );
}

function Folder({ folder }: { readonly folder: CacheFolder }) {
  const formats = useFormats();
  const host = useStatusStore((state) => state.host);
  const path = homePath(folder.path, host);
  const Symbol = folder.isThere ? IconFolder : IconPlugConnectedX;
  return (
    <section className={classes.folder} aria-label={path} data-away={!folder.isThere || undefined}>
      <Symbol size={18} stroke={1.6} aria-hidden />
      <div className={classes.name}>
        <h2>
          <PathText path={path} />
        </h2>
        <span>{noteOf(folder)}</span>
      </div>
      {folder.isThere ? (
        <div>
          <UsageBar folder={folder} />
          <div className={`${classes.numbers} lh-number`}>
            <span className="lh-cut">{keptText(folder, formats)}</span>
            <span className={classes.free}>{freeText(folder, formats)}</span>
          </div>
        </div>
      ) : (
        <Away folder={folder} />
      )}
    </section>
  );
}

function noteOf({ isThere, isDefault }: CacheFolder): string {
  if (!isThere) return "not connected";
  return isDefault ? "the default" : "added by you";
}

function Away({ folder }: { readonly folder: CacheFolder }) {
  const formats = useFormats();
  const showSettings = useScreenStore((state) => state.showSettings);
  return (
    <span className={classes.away}>
      {awayText(folder, formats)}{" "}
      <Anchor component="button" fz={12} onClick={() => showSettings("storage")}>
        Remove it in Settings
      </Anchor>
    </span>
  );
}

const LEGEND = {
  other: "Other files",
  pinned: "Pinned",
  kept: "Kept, not pinned",
  limit: "Limit",
  floor: "Stays free",
} as const;

function Legend() {
  return (
    <div className={classes.legend} aria-hidden>
      {Object.entries(LEGEND).map(([kind, words]) => (
        <span key={kind} className={classes.key} data-kind={kind}>
          {words}
        </span>
      ))}
    </div>
  );
}
