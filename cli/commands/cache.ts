import { resolve } from "node:path";
import type { CacheEntry, CacheEntryId, CacheFilter, CacheSort } from "#shared/cache.ts";
import type { Client } from "#shared/client.ts";
import { LonghaulError } from "#shared/errors.ts";
import { formatBytes, formatDuration } from "#shared/format.ts";
import type { CommandContext } from "../context.ts";
import { showName } from "../quote.ts";
import { plainSession, withSession } from "../session.ts";

const PAGE = 500;

type Output = { readonly json: boolean };

/** `longhaul cache ls` */
export async function listCopies(
  text: string,
  flags: Output & { sort: CacheSort; filter: CacheFilter; reverse: boolean },
  context: CommandContext,
): Promise<number> {
  const { sort, filter, reverse } = flags;
  const { terminal } = context;
  return await withSession(context.openEngine, plainSession("cache"), async ({ client }) => {
    const isByName = sort === "key" || sort === "path";
    const order = isByName === reverse ? "down" : "up";
    for (let offset = 0; ; offset += PAGE) {
      const query = { sort, filter, query: text, order, offset, limit: PAGE } as const;
      const { entries, total, sizeBytes } = await client.call("cache.list", query);
      for (const entry of entries) terminal.out(lineOf(entry, flags, context));
      await terminal.outTaken();
      if (offset + entries.length < total && entries.length > 0) continue;
      if (!flags.json) terminal.err(`${copies(total)}, ${formatBytes(sizeBytes, "decimal")}`);
      return 0;
    }
  });
}

/** `longhaul cache pin|unpin` */
export async function pinCopies(
  names: readonly string[],
  isPinned: boolean,
  flags: Output,
  context: CommandContext,
): Promise<number> {
  return await withSession(context.openEngine, plainSession("cache"), async ({ client }) => {
    const entries = await findCopies(client, names, context);
    await client.call("cache.pin", { ids: entries.map(toId), isPinned });
    for (const entry of await findCopies(client, names, context)) {
      context.terminal.out(lineOf(entry, flags, context));
    }
    return 0;
  });
}

/** `longhaul cache forget` */
export async function forgetCopies(
  names: readonly string[],
  flags: Output,
  context: CommandContext,
): Promise<number> {
  return await withSession(context.openEngine, plainSession("cache"), async ({ client }) => {
    const entries = await findCopies(client, names, context);
    await client.call("cache.forget", { ids: entries.map(toId) });
    for (const entry of entries) context.terminal.out(lineOf(entry, flags, context));
    return 0;
  });
}

/**
 * The entries that a person named, each by the path of its file or as `s3://bucket/key`.
 *
 * @throws {LonghaulError} `path-missing` for one that there is not.
 */
export async function findCopies(
  client: Client,
  names: readonly string[],
  { workingFolder }: CommandContext,
): Promise<readonly CacheEntry[]> {
  const found = new Map<string, CacheEntry>();
  for (const name of names) {
    const asked = toAsked(name, workingFolder);
    const entries = (await listAll(client, asked.text)).filter(asked.isMeant);
    if (entries.length === 0) {
      throw new LonghaulError("path-missing", `nothing here is known as a copy at ${name}`, {
        details: { path: name },
      });
    }
    for (const entry of entries) found.set(JSON.stringify(toId(entry)), entry);
  }
  return [...found.values()];
}

function toAsked(name: string, workingFolder: string) {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/su.exec(name) ?? [];
  if (bucket !== undefined && key !== undefined) {
    const isMeant = (entry: CacheEntry) => entry.bucket === bucket && entry.key === key;
    return { text: key, isMeant };
  }
  const path = resolve(workingFolder, name);
  return { text: path, isMeant: (entry: CacheEntry) => entry.path === path };
}

async function listAll(client: Client, text: string): Promise<readonly CacheEntry[]> {
  const all: CacheEntry[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const page = { query: text, sort: "path", offset, limit: PAGE } as const;
    const { entries, total } = await client.call("cache.list", page);
    all.push(...entries);
    if (all.length >= total || entries.length === 0) return all;
  }
}

/** `1 copy`, `2 copies` */
export function copies(count: number): string {
  return count === 1 ? "1 copy" : `${count} copies`;
}

export function toId({ path, origin, key }: CacheEntry): CacheEntryId {
  return { path, origin, key };
}

/** `39.6 GB  frees 39.6 GB  3 days ago  pinned  /path  s3://bucket/key` */
export function lineOf(
  entry: CacheEntry,
  { json }: Output,
  { clock }: Pick<CommandContext, "clock">,
): string {
  if (json) return JSON.stringify({ type: "entry", ...entry });
  const { sizeBytes, bucket, key, path } = entry;
  const ago = formatDuration(Math.max(0, clock.wallMs() - entry.usedAtMs) / 1000);
  const size = formatBytes(sizeBytes, "decimal").padStart(9);
  const facts = `${freesOf(entry).padEnd(15)}  ${`used ${ago} ago`.padEnd(22)}`;
  const marks = marksOf(entry);
  const place = `${showName(path)}  s3://${bucket}/${showName(key)}`;
  return `${size}  ${facts}  ${marks === "" ? "" : `${marks}  `}${place}`;
}

function freesOf({ frees, freesBytes }: CacheEntry): string {
  if (frees === "own") return "your file";
  return frees === "shared" ? "frees nothing" : `frees ${formatBytes(freesBytes, "decimal")}`;
}

function marksOf({ isPinned, isQueued, trouble, verifiedAtMs }: CacheEntry): string {
  const marks = [
    isPinned ? "pinned" : "",
    isQueued ? "in use" : "",
    trouble ?? (verifiedAtMs === null ? "" : "verified"),
  ];
  return marks.filter((mark) => mark !== "").join(", ");
}
