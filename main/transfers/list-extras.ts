import { basename } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { EMPTY_SOURCE } from "#shared/sync.ts";
import { isUnpackingName } from "../archives/extract-folder.ts";
import { isInside } from "../disk/is-below.ts";
import { isThere } from "../disk/is-there.ts";
import { toFsPath } from "../disk/local-path.ts";
import type { NameClaims } from "../disk/name-claims.ts";
import { claimsIn } from "./claims-in.ts";
import type { NameFilter } from "../disk/name-filter.ts";
import { createNameFilter } from "../disk/name-filter.ts";
import { isPartName } from "../disk/part-file.ts";
import { findAt } from "../disk/stat-file.ts";
import type { WalkEntry } from "../disk/walk.ts";
import { walkFolder } from "../disk/walk.ts";
import { keptBelow, leavingOut, realOf } from "./kept-places.ts";
import type { ItemPager } from "./item-pager.ts";
import type { ExtraSource } from "./item-record.ts";
import { DownloadSource } from "./item-record.ts";
import { compareKeys } from "../stores/key-order.ts";
import { listingRetry } from "./list-transfer.ts";
import { compareInWalk } from "./list-upload.ts";
import type { Run } from "./run-ports.ts";
import { mergeByKey, objectsBelow } from "./sync-merge.ts";
import type { DownloadSpec, UploadSpec } from "./transfer-spec.ts";

const PAGE = 500;

/**
 * Finds what is at the destination of a sync and not at its source, after all else has moved. Both
 * are looked at anew, so that what came meanwhile counts. Nothing is removed yet.
 *
 * @throws {LonghaulError} `conflict` when nothing at all is at the source, which may as well be a
 * disk that is not there; whatever keeps the source from being seen whole.
 */
export async function listExtras(run: Run, pager: ItemPager, signal: AbortSignal): Promise<void> {
  const { spec } = run.record;
  if (pager.listing.extras !== "listing") await pager.extrasAre("listing");
  if (spec.kind === "upload") await listExtraObjects(run, spec, pager, signal);
  else if (spec.kind === "download") await listExtraFiles(run, spec, pager, signal);
  await pager.extrasAre("listed");
}

async function listExtraObjects(
  run: Run,
  spec: UploadSpec,
  pager: ItemPager,
  signal: AbortSignal,
): Promise<void> {
  const [root = ""] = spec.sources;
  const { prefix } = spec.destination;
  const filter = createNameFilter(spec.include, spec.exclude);
  const walk = () => walkFolder(root, { followSymlinks: false, filter, order: "keys" }, signal);
  if (!allowsEmpty(run) && (await isEmpty(walk()))) throw emptySource(root);
  const objects = objectsBelow(prefix, { ...run.opened, retry: listingRetry(run) }, signal);
  const from = pager.listing.cursor;
  const isExtra = async (key: string) => {
    const name = key.slice(prefix.length);
    if (name === "" || (from !== null && compareKeys(key, from) <= 0)) return false;
    return filter.takesFile(name) && !(await isThere(root, name));
  };
  for await (const { local, object } of mergeByKey(
    { root, entries: walk() },
    { prefix, objects },
  )) {
    if (local !== null) assertSeen(local);
    else if (object !== null && (await isExtra(object.key))) {
      const { key, etag } = object;
      const source: ExtraSource = { kind: "extra-object", key, etag };
      await pager.add({ name: key.slice(prefix.length), sizeBytes: 0, source }, key);
    }
  }
}

function allowsEmpty({ ports, record }: Run): boolean {
  return ports.book.get(record.id).counters.agreed?.allowsEmpty === true;
}

/** @throws {LonghaulError} where what is at the source cannot be told from what is missing there. */
function assertSeen(local: WalkEntry): void {
  if (local.kind === "failed") throw local.error;
  if (typeof toFsPath(local.path) === "string") return;
  const message = `${local.name}: a name that is no UTF-8 has no key of its own, so nothing is deleted`;
  throw new LonghaulError("unsupported", message, { details: { path: local.name } });
}

/** Folders without anything in them are nothing: where a disk was, its folders may be left. */
async function isEmpty(entries: AsyncIterable<WalkEntry>): Promise<boolean> {
  for await (const { kind } of entries) if (kind !== "empty-folder") return false;
  return true;
}

async function listExtraFiles(
  run: Run,
  spec: DownloadSpec,
  pager: ItemPager,
  signal: AbortSignal,
): Promise<void> {
  const claims = await claimsOf(run, spec, pager);
  // A dry run makes no folder, and where there is none there is nothing to delete.
  if (spec.sync?.isDryRun === true && (await findAt(spec.folder)) === undefined) return;
  const filter = await withoutProtected(run, spec);
  const from = pager.listing.cursor;
  const isExtra = ({ name, path }: WalkEntry) =>
    !claims.has(name) &&
    !isPartName(basename(path)) &&
    (from === null || compareInWalk(path, from) > 0);
  for await (const entry of walkFolder(spec.folder, { followSymlinks: false, filter }, signal)) {
    if (entry.kind === "failed") {
      const text = `${entry.name} cannot be looked into, and is left as it is: ${entry.error.message}`;
      await run.ports.book.log(run.record.id, "warn", text);
    } else if (entry.kind === "file" && isExtra(entry)) {
      const { name, path, stamp } = entry;
      const source: ExtraSource = { kind: "extra-file", path, stamp };
      await pager.add({ name, sizeBytes: 0, source }, path);
    }
  }
}

/**
 * The paths that the objects of the transfer have here.
 *
 * @throws {LonghaulError} `conflict` where there are none.
 */
async function claimsOf(run: Run, spec: DownloadSpec, pager: ItemPager): Promise<NameClaims> {
  const claims = await claimsIn(spec.folder, run.ports);
  const count = await claimAll(run, claims);
  // Once something of it is an item, the source was looked at before.
  const isFine = allowsEmpty(run) || pager.listing.cursor !== null;
  if (count === 0 && !isFine) throw emptySource(`s3://${spec.bucket}/${spec.keys[0] ?? ""}`);
  return claims;
}

/**
 * Claims the paths that the objects of the transfer have here.
 *
 * @returns how many. Folders alone are none: a bucket that lost its objects may have kept those.
 */
async function claimAll({ ports, record }: Run, claims: NameClaims): Promise<number> {
  let count = 0;
  for (let afterIndex = -1; ;) {
    const query = { transferId: record.id, afterIndex, limit: PAGE };
    const rows = await ports.journal.items(query);
    for (const { source } of rows) {
      const parsed = DownloadSource.safeParse(source);
      if (!parsed.success || parsed.data.isFolder) continue;
      claims.claim(parsed.data.path);
      count += 1;
    }
    afterIndex = rows.at(-1)?.index ?? afterIndex;
    if (rows.length < PAGE) return count;
  }
}

/** What Longhaul keeps for itself is nobody's extra, wherever it is. */
async function withoutProtected(
  { ports }: Run,
  { folder, include, exclude }: DownloadSpec,
): Promise<NameFilter> {
  const filter = createNameFilter(include, exclude);
  const root = await realOf(folder);
  const kept = await Promise.all((ports.protectedPaths?.() ?? []).map(realOf));
  if (kept.some((path) => isInside(path, root))) {
    const message = `${folder} is a folder that Longhaul keeps for itself, so nothing in it is deleted`;
    throw new LonghaulError("invalid", message, { details: { path: folder } });
  }
  const { takesFile, entersFolder } = leavingOut(filter, await keptBelow(folder, ports));
  return {
    takesFile,
    entersFolder: (name) => entersFolder(name) && !isUnpackingName(basename(name)),
  };
}

function emptySource(source: string): LonghaulError {
  const message = `nothing is at ${source}, so nothing is deleted: a disk or a bucket that is not there would look the same`;
  return new LonghaulError("conflict", message, { details: { path: source, cause: EMPTY_SOURCE } });
}
