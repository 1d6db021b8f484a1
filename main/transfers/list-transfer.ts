import type { Retry, RetryNotice } from "../parts/ports.ts";
import type { ItemRow } from "./journal.ts";
import type { Run } from "./run-ports.ts";
import type { DownloadSpec } from "./transfer-spec.ts";
import type { ListedItem } from "./known-files.ts";
import { markHere } from "./known-files.ts";
import { heedful } from "./run-ports.ts";
import { toShownPath } from "../disk/local-path.ts";
import { NameClaims } from "../disk/name-claims.ts";
import { claimsIn } from "./claims-in.ts";
import { DownloadSource } from "./item-record.ts";
import { ItemPager } from "./item-pager.ts";
import type { IsKept } from "./kept-places.ts";
import { keptBelow } from "./kept-places.ts";
import { listDownload } from "./list-download.ts";
import { listSyncUpload } from "./list-sync-upload.ts";
import { listUpload } from "./list-upload.ts";

const CLAIM_PAGE = 1000;

/** Finds a transfer's items, from where an earlier run stopped. `onAdded` is told of every page. */
export async function listTransfer(
  run: Run,
  onAdded: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { ports, record, opened } = run;
  const { spec } = record;
  const pager = new ItemPager(ports.book, record.id, onAdded);
  const isKept = async (source: string) => await toldKept(run, source);
  switch (spec.kind) {
    case "upload":
      if (spec.sync !== undefined) {
        const { journal, clock } = ports;
        const nowMs = () => clock.nowMs();
        const asking = { ...opened, retry: listingRetry(run) };
        return await listSyncUpload({ spec, pager, journal, nowMs, isKept, ...asking, signal });
      }
      return await listUpload({
        spec,
        pager,
        claims: spec.sources.length > 1 ? await namesSoFar(run) : null,
        nowMs: () => ports.clock.nowMs(),
        isKept,
        signal,
      });
    case "download":
      return await listDownload({
        spec,
        pager,
        store: opened.store,
        retry: listingRetry(run),
        claims: await claimsSoFar(run, spec.folder),
        markHere: async (items) => await knownHere(run, spec, items, signal),
        platform: process.platform,
        isEmptyFine: ports.book.get(record.id).counters.agreed?.allowsEmpty === true,
        signal,
      });
    case "drop":
      // The page that holds the files adds them, by `drop.add`.
      return;
    default:
      return spec satisfies never;
  }
}

async function toldKept({ ports, record }: Run, source: string): Promise<IsKept | null> {
  const isKept = await keptBelow(source, ports);
  if (isKept === null) return null;
  const text = `What Longhaul keeps for itself in ${toShownPath(source)} is left out.`;
  await ports.book.log(record.id, "info", text);
  return isKept;
}

/**
 * Whoever wants the files read again wants it of those that are here, too; and what is to be unpacked
 * is not over with being here.
 */
async function knownHere(
  { ports, opened }: Run,
  { folder, readBack, unpack, sync }: DownloadSpec,
  items: readonly ListedItem[],
  signal: AbortSignal,
): Promise<readonly ListedItem[]> {
  if (readBack || unpack !== undefined || sync?.byDigest === true) return items;
  const place = { journal: ports.journal, folder, origin: opened.origin };
  return await markHere(items, place, signal);
}

/** The names that an earlier run of the listing gave away. */
async function claimsSoFar(run: Run, folder: string): Promise<NameClaims> {
  const claims = await claimsIn(folder, run.ports);
  for await (const { source } of itemsSoFar(run)) {
    if (source === null) continue;
    const { path, isFolder } = DownloadSource.parse(source);
    // A folder is no file: what lies below it may have its name in front.
    if (!isFolder) claims.claim(path);
  }
  return claims;
}

/** The names that an earlier run of the listing gave to files of an upload; keys fold no case. */
async function namesSoFar(run: Run): Promise<NameClaims> {
  const claims = new NameClaims({ isCaseFolded: false });
  for await (const { name, source } of itemsSoFar(run)) if (source !== null) claims.claim(name);
  return claims;
}

async function* itemsSoFar({ ports, record }: Run): AsyncGenerator<ItemRow> {
  for (let afterIndex = -1; ;) {
    const query = { transferId: record.id, afterIndex, limit: CLAIM_PAGE };
    const rows = await ports.journal.items(query);
    yield* rows;
    afterIndex = rows.at(-1)?.index ?? afterIndex;
    if (rows.length < CLAIM_PAGE) return;
  }
}

/** The policy for what is asked while a transfer is listed. */
export function listingRetry(run: Run): Retry {
  return heedful(run.ports.retryFor(listingObserver(run), run.patience), run.opened);
}

/** While nothing moves yet, a listing that waits for the endpoint is what the row tells of. */
function listingObserver(run: Run) {
  return {
    retrying: (notice: RetryNotice) => run.progress.listingRetries(notice),
    retried: () => run.progress.listingRetries(null),
  };
}
