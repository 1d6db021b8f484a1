import { writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Dialog, Shell } from "electron";
import type { CallHandlers, HostInfo, Picked } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk } from "#main/disk/disk-errors.ts";
import type { EngineHost, PracticeStore } from "#main/engine-host.ts";
import type { Clock } from "#main/flow/clock.ts";
import { readMachineId } from "#main/disk/machine-id.ts";
import { LASTING_PATIENCE } from "#main/flow/patience.ts";
import type { DocumentFile } from "#main/profiles/document-file.ts";
import type { SecretStore } from "#main/profiles/secret-store.ts";
import type { HandleBook } from "./handle-book.ts";

export type DesktopParts = {
  readonly version: string;
  readonly home: string;
  readonly userFolder: string;
  readonly clock: Clock;
  readonly document: DocumentFile;
  readonly secrets: SecretStore;
  readonly handles: HandleBook;
  readonly dialog: Pick<Dialog, "showOpenDialog" | "showSaveDialog">;
  readonly shell: Pick<Shell, "showItemInFolder">;
  /** Chromium's answer, as a PAC file would give it. */
  readonly systemProxy: (url: string) => Promise<string>;
  readonly powerMonitor: WakeSource;
  readonly startPractice: (folder: string) => Promise<PracticeStore>;
  readonly redact: EngineHost["redact"];
  readonly hide: (secret: string) => void;
  readonly log: EngineHost["log"];
};

/** As much of Electron's `powerMonitor` as is used. */
type WakeSource = Record<"on" | "off", (event: "resume", listener: () => void) => unknown>;

/** What the engine gets from the desktop. */
export function desktopHost(parts: DesktopParts): EngineHost {
  const { handles, shell } = parts;
  return {
    info: infoOf(parts),
    program: "Longhaul",
    clock: parts.clock,
    random: Math.random,
    document: parts.document,
    secrets: parts.secrets,
    runs: "all",
    connections: null,
    systemProxy: parts.systemProxy,
    patience: LASTING_PATIENCE,
    machineId: readMachineId,
    startPractice: parts.startPractice,
    resolveRef: (ref, use) => handles.resolveRef(ref, use),
    pick: (kind, title) => pick(parts, kind, title),
    // Only shown, never opened: what came from a bucket is not run.
    showInFolder: async (path) => shell.showItemInFolder(path),
    saveText: (fileName, text) => saveText(parts, fileName, text),
    redact: parts.redact,
    hide: parts.hide,
    onResume: (listener) => {
      parts.powerMonitor.on("resume", listener);
      return () => void parts.powerMonitor.off("resume", listener);
    },
    log: parts.log,
  };
}

function infoOf({ version, home, userFolder }: DesktopParts): HostInfo {
  return {
    kind: "desktop",
    version,
    platform: process.platform,
    home,
    roots: [],
    pathSeparator: sep,
    userFolder,
    canShowInFolder: true,
    canPick: true,
  };
}

async function pick(
  { dialog, handles }: DesktopParts,
  kind: "folder" | "files",
  title: string,
): Promise<readonly Picked[]> {
  const answer = await dialog.showOpenDialog({
    title,
    properties:
      kind === "folder"
        ? ["openDirectory", "createDirectory"]
        : ["openFile", "multiSelections", "showHiddenFiles"],
  });
  if (answer.canceled) return [];
  const picked = await Promise.all(answer.filePaths.map((path) => handles.grant(path)));
  return picked.filter((each) => each !== null);
}

async function saveText(
  { dialog, userFolder }: DesktopParts,
  fileName: string,
  text: string,
): Promise<string | null> {
  const defaultPath = join(userFolder, fileName);
  const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath });
  if (canceled || filePath === "") return null;
  // The dialog asked before it answered with a file that is there.
  await onDisk(filePath, "write", async () => await writeFile(filePath, text, { mode: 0o600 }));
  return filePath;
}

/**
 * The calls with one rule more: folders in the settings may be named by path from the next start
 * on, so only those that a person picked can get there.
 */
export function guardSettings(handlers: CallHandlers, handles: HandleBook): CallHandlers {
  return {
    ...handlers,
    "settings.set": async (change) => {
      const { downloadFolder, recentFolders = [] } = change;
      const folders = [...recentFolders, ...(downloadFolder === undefined ? [] : [downloadFolder])];
      const unknown = folders.find((folder) => !handles.hasFolder(folder));
      if (unknown === undefined) return await handlers["settings.set"](change);
      throw new LonghaulError("path-denied", "the window was not given this folder", {
        details: { path: unknown },
      });
    },
  };
}
