import { useState } from "react";
import { Button, Table, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle, IconPlus } from "@tabler/icons-react";
import type { CacheFolder } from "#shared/cache.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { explainError } from "#shared/error-words.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { overBytes } from "../cache/usage.ts";
import { useFolders } from "../cache/use-folders.ts";
import { homeWords } from "../common/home-path.ts";
import { TroubleNote } from "../common/trouble-note.tsx";
import { pickPlaces } from "../folder/folder-store.ts";
import { useClient } from "../host/host.ts";
import { useStatusStore } from "../state/status-store.ts";
import { CacheFolderRow } from "./cache-folder-row.tsx";
import type { FolderLimits } from "./cache-limit-dialog.tsx";
import { CacheLimitDialog } from "./cache-limit-dialog.tsx";
import { CacheRemoveDialog } from "./cache-remove-dialog.tsx";
import { SettingGroup } from "./setting.tsx";
import classes from "./storage-page.module.css";

/** Where copies are kept, how much at most, and how much of the disk is left alone. */
export function CacheFolders() {
  const { value: folders, error, refresh } = useFolders();
  const { add, setLimits, remove, ask, setAsk, problem } = useFolderActions(refresh);
  return (
    <SettingGroup
      title="Cache"
      note="Copies that Longhaul keeps so that nothing is fetched twice. Over a limit, what was not used longest goes first; what is pinned and your own files never go."
    >
      {error && !folders && <TroubleNote error={error} />}
      {folders && <FolderTable folders={folders} onLimits={setLimits} onRemove={remove} />}
      {problem && <Problem error={problem} />}
      <Button mt="sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
        Add a folder…
      </Button>
      <CacheLimitDialog ask={ask?.kind === "limits" ? ask : null} onClose={() => setAsk(null)} />
      <CacheRemoveDialog ask={ask?.kind === "remove" ? ask : null} onClose={() => setAsk(null)} />
    </SettingGroup>
  );
}

type FolderTableProps = {
  readonly folders: readonly CacheFolder[];
  readonly onLimits: (folder: CacheFolder, limits: FolderLimits) => void;
  readonly onRemove: (folder: CacheFolder) => void;
};

function FolderTable({ folders, onLimits, onRemove }: FolderTableProps) {
  return (
    <Table className={classes.table ?? ""} layout="fixed" aria-label="Cache folders">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Folder</Table.Th>
          <Table.Th className={classes.kept ?? ""}>Kept</Table.Th>
          <Table.Th className={classes.limit ?? ""}>At most</Table.Th>
          <Table.Th className={classes.limit ?? ""}>Stays free</Table.Th>
          <Table.Th className={classes.more ?? ""}>
            <VisuallyHidden>Actions</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {folders.map((folder) => (
          <CacheFolderRow
            key={folder.path}
            folder={folder}
            onLimits={(limits) => onLimits(folder, limits)}
            onRemove={() => onRemove(folder)}
          />
        ))}
      </Table.Tbody>
    </Table>
  );
}

type Ask = {
  readonly kind: "limits" | "remove";
  readonly folder: CacheFolder;
  readonly limits: FolderLimits;
  readonly onYes: () => void;
};

/** What makes copies go, or be forgotten, is asked first; all else is done at once. */
function useFolderActions(refresh: () => void) {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  const [ask, setAsk] = useState<Ask | null>(null);
  const [problem, setProblem] = useState<ErrorInfo | null>(null);
  const does = async (work: () => Promise<unknown>): Promise<void> => {
    setProblem(null);
    try {
      await work();
    } catch (thrown) {
      setProblem(toErrorInfo(thrown));
    } finally {
      refresh();
    }
  };
  const add = () =>
    void does(async () => {
      const [picked] = await pickPlaces(client, host, "folder", "Cache folder");
      if (picked) await client.call("cache.addFolder", { folder: picked.ref, quotaBytes: null });
    });
  const setLimits = (folder: CacheFolder, limits: FolderLimits) => {
    const onYes = () =>
      void does(() => client.call("cache.setFolder", { path: folder.path, ...limits }));
    const next = { ...limits, keepFreeBytes: limits.keepFreeBytes ?? folder.keepFreeBytes };
    if (folder.isThere && overBytes(folder, next) > 0) {
      setAsk({ kind: "limits", folder, limits, onYes });
    } else onYes();
  };
  const remove = (folder: CacheFolder) => {
    const limits = { quotaBytes: folder.quotaBytes };
    const onYes = () => void does(() => client.call("cache.removeFolder", { path: folder.path }));
    // With it, what is known of its copies is forgotten.
    if (!folder.isThere && folder.entryCount > 0) setAsk({ kind: "remove", folder, limits, onYes });
    else onYes();
  };
  return { add, setLimits, remove, ask, setAsk, problem };
}

function Problem({ error }: { readonly error: ErrorInfo }) {
  const host = useStatusStore((state) => state.host);
  const { what, todo } = explainError(error);
  return (
    <p className={classes.problem} role="alert">
      <IconAlertTriangle size={16} aria-hidden />
      {homeWords(error.code === "invalid" ? what : `${what} ${todo}`, host)}
    </p>
  );
}
