import type { CacheFolder } from "#shared/cache.ts";
import type { Client } from "#shared/client.ts";
import { formatBytes } from "#shared/format.ts";
import type { CommandContext } from "../context.ts";
import { showName } from "../quote.ts";
import { copies } from "./cache.ts";
import { plainSession, withSession } from "../session.ts";

type Output = { readonly json: boolean };
/** Infinity is no quota; what is left out stays, or is none. */
type FolderChange = Output & {
  readonly quota?: number | undefined;
  readonly keepFree?: number | undefined;
};

/** `longhaul cache folders` */
export async function listFolders(flags: Output, context: CommandContext): Promise<number> {
  return await withClient(context, async (client) => {
    const folders = await client.call("cache.folders", null);
    for (const folder of folders) context.terminal.out(lineOf(folder, flags));
  });
}

/** `longhaul cache add-folder DIR` */
export async function addFolder(
  path: string,
  flags: FolderChange,
  context: CommandContext,
): Promise<number> {
  return await withClient(context, async (client) => {
    const quotaBytes = toQuota(flags.quota) ?? null;
    const added = await client.call("cache.addFolder", { folder: { path }, quotaBytes });
    context.terminal.out(lineOf(added, flags));
  });
}

/** `longhaul cache set-folder DIR` */
export async function setFolder(
  path: string,
  { quota, keepFree, ...flags }: FolderChange,
  context: CommandContext,
): Promise<number> {
  return await withClient(context, async (client) => {
    const folders = await client.call("cache.folders", null);
    const before = folders.find((one) => one.path === path)?.quotaBytes ?? null;
    const asked = toQuota(quota);
    const set = await client.call("cache.setFolder", {
      path,
      quotaBytes: asked === undefined ? before : asked,
      keepFreeBytes: keepFree,
    });
    context.terminal.out(lineOf(set, flags));
  });
}

/** `longhaul cache remove-folder DIR` */
export async function removeFolder(
  path: string,
  { json }: Output,
  context: CommandContext,
): Promise<number> {
  return await withClient(context, async (client) => {
    await client.call("cache.removeFolder", { path });
    const { terminal } = context;
    if (json) terminal.out(JSON.stringify({ type: "folder-removed", path }));
    else terminal.err(`${showName(path)} is no cache folder any more; nothing in it was deleted.`);
  });
}

function toQuota(quota: number | undefined): number | null | undefined {
  return quota === Infinity ? null : quota;
}

function lineOf(folder: CacheFolder, { json }: Output): string {
  if (json) return JSON.stringify({ type: "folder", ...folder });
  const { path, isThere, quotaBytes, usedBytes, entryCount, freeBytes, keepFreeBytes } = folder;
  const size = (bytes: number) => formatBytes(bytes, "decimal");
  const quota = quotaBytes === null ? "no quota" : `of ${size(quotaBytes)}`;
  const used = `${size(usedBytes)} ${quota}, ${copies(entryCount)}`;
  const free =
    isThere && freeBytes !== null
      ? `${size(freeBytes)} free, keeps ${size(keepFreeBytes)}`
      : "not there now";
  return `${showName(path)}  ${used}  ${free}`;
}

async function withClient(
  { openEngine }: CommandContext,
  act: (client: Client) => Promise<void>,
): Promise<number> {
  return await withSession(openEngine, plainSession("cache"), async ({ client }) => {
    await act(client);
    return 0;
  });
}
