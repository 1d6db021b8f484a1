import type { ListedDownload } from "./download-item.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { createNameFilter } from "../disk/name-filter.ts";
import { toItem } from "./download-item.ts";
import { downloadName, isPrefix } from "./item-names.ts";
import { listObjects } from "./list-objects.ts";
import { lastName } from "./transfer-spec.ts";

const LIST_PAGE = 1000;

/** Finds the objects of a download, a page at a time, from where an earlier run stopped. */
export async function listDownload(means: Omit<ListedDownload, "filter">): Promise<void> {
  const { spec, pager } = means;
  const listed: ListedDownload = { ...means, filter: createNameFilter(spec.include, spec.exclude) };
  while (pager.listing.source < spec.keys.length) {
    const asked = spec.keys[pager.listing.source] ?? "";
    if (isPrefix(asked)) await listPrefix(listed, asked);
    else await listObjects(listed);
  }
  await pager.end();
}

async function listPrefix(listed: ListedDownload, prefix: string): Promise<void> {
  const { store, retry, pager, signal } = listed;
  for (;;) {
    const { cursor } = pager.listing;
    const query = { prefix, isFolded: false, cursor, limit: LIST_PAGE };
    const page = await retry.run(null, () => store.list(query, signal), signal);
    const isNothing = cursor === null && page.cursor === null && page.objects.length === 0;
    if (isNothing && prefix !== "" && listed.isEmptyFine !== true) {
      nothingThere(listed, prefix);
      return await pager.endSource();
    }
    const wished = page.objects.filter(({ key }) => isWished(listed, prefix, key));
    const items = wished.map((object) => toItem(listed, prefix, object));
    for (const item of await listed.markHere(items)) pager.keep(item);
    // The last page is committed with the end of the source: between two commits a crash would list again.
    if (page.cursor === null) return await pager.endSource();
    await pager.flushAt(page.cursor);
  }
}

function isWished({ spec, filter }: ListedDownload, prefix: string, key: string): boolean {
  const name = downloadName(spec, prefix, key);
  return name !== "" && filter.takesFile(name);
}

/**
 * No object has the prefix, not even a marker of an empty folder: it is a name that is wrong. Among
 * others it is one item that failed. @throws {LonghaulError} `object-missing` when nothing else was asked for.
 */
function nothingThere(listed: ListedDownload, prefix: string): void {
  const { spec, pager } = listed;
  const details = { bucket: spec.bucket, key: prefix };
  const error = new LonghaulError("object-missing", `nothing is below ${prefix}`, { details });
  if (spec.keys.length === 1) throw error;
  const failure = { source: null, phase: "failed", error: toErrorInfo(error) } as const;
  pager.keep({ name: `${lastName(prefix)}/`, sizeBytes: 0, ...failure });
}
