import type { RetryNotice } from "../parts/ports.ts";
import type { Run } from "./run-ports.ts";
import { NameClaims } from "../disk/name-claims.ts";
import { DownloadSource } from "./item-record.ts";
import { ItemPager } from "./item-pager.ts";
import { listDownload } from "./list-download.ts";
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
  switch (spec.kind) {
    case "upload":
      return await listUpload(spec, pager, () => ports.clock.nowMs(), signal);
    case "download":
      return await listDownload({
        spec,
        pager,
        store: opened.store,
        retry: ports.retryFor(listingObserver(run)),
        claims: await claimsSoFar(run),
        platform: process.platform,
        signal,
      });
    case "drop":
      // The page that holds the files adds them, by `drop.add`.
      return;
    default:
      return spec satisfies never;
  }
}

/** The names that an earlier run of the listing gave away. */
async function claimsSoFar(run: Run): Promise<NameClaims> {
  const claims = new NameClaims({ isCaseFolded: process.platform !== "linux" });
  const { journal } = run.ports;
  for (let afterIndex = -1; ;) {
    const query = { transferId: run.record.id, afterIndex, limit: CLAIM_PAGE };
    const rows = await journal.items(query);
    for (const { source } of rows) {
      if (source !== null) claims.claim(DownloadSource.parse(source).path);
    }
    afterIndex = rows.at(-1)?.index ?? afterIndex;
    if (rows.length < CLAIM_PAGE) break;
  }
  return claims;
}

/** While nothing moves yet, a listing that waits for the endpoint is what the row tells of. */
function listingObserver(run: Run) {
  return {
    retrying: (notice: RetryNotice) => run.progress.listingRetries(notice),
    retried: () => run.progress.listingRetries(null),
  };
}
