import type { CallHandlers, FolderEntry, HostInfo } from "#shared/contract.ts";
import type { Resolve } from "./to-spec.ts";
import type { SpaceLedger } from "../disk/free-space.ts";
import { mkdir, opendir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk } from "../disk/disk-errors.ts";
import { isInside } from "../disk/is-below.ts";
import { fromLatin1Name, toFsPath, toShownPath } from "../disk/local-path.ts";
import { statFile } from "../disk/stat-file.ts";
import { kindOf } from "../disk/kind-of.ts";
import { walkFolder } from "../disk/walk.ts";

const MAX_ENTRIES = 5000;
const MAX_MEASURED = 200_000;
const MEASURE_FOR_MS = 10_000;

type FolderCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `folder.${string}`>>;

/** The calls with which a page looks around on the host, as far as the host lets it. */
export function folderCalls(ports: {
  readonly info: HostInfo;
  readonly resolve: Resolve;
  readonly space: SpaceLedger;
}): FolderCalls {
  const { info, resolve, space } = ports;
  return {
    "folder.list": async ({ path }) => {
      const folder = await resolve({ path: path ?? info.roots[0] ?? info.userFolder }, "read");
      const parent = dirname(folder);
      const hasParent = parent !== folder && info.roots.some((root) => isInside(root, parent));
      const { entries, isCut } = await readEntries(folder);
      return { path: folder, parent: hasParent ? parent : null, entries, isCut };
    },
    "folder.make": async ({ parent, name }) => {
      if (/[/\\\0]/u.test(name) || name === "." || name === "..") throw badName(name);
      const path = await resolve({ path: join(parent, name) }, "write");
      await onDisk(path, "write", () => mkdir(toFsPath(path)));
      return { name, path, kind: "folder", sizeBytes: 0, modifiedAtMs: Date.now() };
    },
    "folder.space": async ({ folder }) => {
      const path = await resolve(folder, "write");
      return { path, ...(await space.measure(path)) };
    },
    "folder.measure": async ({ sources }) => {
      const paths = await Promise.all(sources.map((ref) => resolve(ref, "read")));
      return await measure(paths);
    },
  };
}

/** Folders first, each in name order. What vanishes or cannot be read meanwhile is left out. */
async function readEntries(
  folder: string,
): Promise<{ readonly entries: FolderEntry[]; readonly isCut: boolean }> {
  const found: FolderEntry[] = [];
  const isCut = await onDisk(folder, "read", async () => {
    // One character for each byte: names that are no UTF-8 stay what they are.
    const names = await opendir(toFsPath(folder), { encoding: "latin1" });
    for await (const { name } of names) {
      const entry = await readEntry(folder, fromLatin1Name(name));
      if (entry !== null && found.length >= MAX_ENTRIES) return true;
      if (entry !== null) found.push(entry);
    }
    return false;
  });
  return { entries: found.toSorted(foldersFirst), isCut };
}

async function readEntry(folder: string, name: string): Promise<FolderEntry | null> {
  const path = join(folder, name);
  const stats = await stat(toFsPath(path)).catch(() => null);
  if (stats === null || (!stats.isFile() && !stats.isDirectory())) return null;
  const kind = stats.isDirectory() ? "folder" : "file";
  const sizeBytes = kind === "file" ? stats.size : 0;
  return { name: toShownPath(name), path, kind, sizeBytes, modifiedAtMs: stats.mtimeMs };
}

const inNameOrder = new Intl.Collator("en", { numeric: true }).compare;

function foldersFirst(a: FolderEntry, b: FolderEntry): number {
  if (a.kind !== b.kind) return a.kind === "folder" ? -1 : 1;
  return inNameOrder(a.name, b.name);
}

async function measure(paths: readonly string[]) {
  const sum = { files: 0, folders: 0, sizeBytes: 0, isCut: false };
  const signal = AbortSignal.timeout(MEASURE_FOR_MS);
  for (const path of paths) {
    if (sum.isCut) break;
    if ((await kindOf(path)) === "folder") await measureFolder(path, sum, signal);
    else {
      sum.files += 1;
      sum.sizeBytes += (await statFile(path)).sizeBytes;
    }
  }
  return sum;
}

async function measureFolder(
  path: string,
  sum: { files: number; folders: number; sizeBytes: number; isCut: boolean },
  signal: AbortSignal,
): Promise<void> {
  sum.folders += 1;
  try {
    for await (const entry of walkFolder(path, { followSymlinks: false }, signal)) {
      if (entry.kind !== "file") continue;
      sum.files += 1;
      sum.sizeBytes += entry.sizeBytes;
      if (sum.files < MAX_MEASURED) continue;
      sum.isCut = true;
      return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    sum.isCut = true;
  }
}

function badName(name: string): LonghaulError {
  return new LonghaulError("invalid", `${JSON.stringify(name)} cannot be a folder's name`);
}
