import type { ListedDownload } from "./download-item.ts";
import type { ListedItem } from "./known-files.ts";
import type { ListPage } from "../stores/store.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { justBefore } from "../stores/just-before.ts";
import { compareKeys } from "../stores/key-order.ts";
import { toItem } from "./download-item.ts";
import { isPrefix } from "./item-names.ts";

const LIST_PAGE = 1000;

/** So many questions for one object each take about as long as a page of a listing. */
const PAGE_WORTH = 8;

/** Refusals of a listing after which the objects themselves can still be asked for. */
const UNLISTED: ReadonlySet<string> = new Set(["access-denied", "unsupported"]);

/**
 * Finds the objects that are named one by one, from the source at hand on, as far as their keys
 * ascend: by pages of what lies around them while those pay, else one question each. How far it came
 * is in the journal with the items, so that it goes on there after a crash.
 */
export async function listObjects(listed: ListedDownload): Promise<void> {
  const { spec, pager } = listed;
  const keys = ascendingKeys(spec.keys, pager.listing.source);
  const count = spec.versionId === undefined ? await settleByPages(listed, keys) : 0;
  for (const key of keys.slice(count)) await settleAlone(listed, key);
}

/** The keys from `from` on, up to a prefix or to one that is out of order. */
function ascendingKeys(keys: readonly string[], from: number): readonly string[] {
  let end = from + 1;
  for (; end < keys.length; end += 1) {
    const [before = "", key = ""] = keys.slice(end - 1, end + 1);
    if (isPrefix(key) || compareKeys(before, key) >= 0) break;
  }
  return keys.slice(from, end);
}

/** @returns how many are settled: all, or those until a page held few of them. */
async function settleByPages(listed: ListedDownload, keys: readonly string[]): Promise<number> {
  const prefix = commonFolder(keys[0] ?? "", keys.at(-1) ?? "");
  let count = 0;
  for (;;) {
    const rest = keys.slice(count);
    if (rest.length < PAGE_WORTH) return count;
    const page = await pageAt(listed, prefix, rest[0] ?? "");
    const covered = page === null ? [] : coveredBy(page, rest);
    if (page !== null) await settleCovered(listed, page, covered);
    count += covered.length;
    if (covered.length < PAGE_WORTH) return count;
  }
}

/** What both lie in, ending in `/` or empty; of keys in order the first and the last stand for all. */
function commonFolder(first: string, last: string): string {
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  const common = first.slice(0, length);
  return common.slice(0, common.lastIndexOf("/") + 1);
}

/** Null where the keys may ask for objects, but not list them. */
async function pageAt(
  { store, retry, signal }: ListedDownload,
  prefix: string,
  key: string,
): Promise<ListPage | null> {
  const startAfter = justBefore(key);
  const query = { prefix, isFolded: false, cursor: null, startAfter, limit: LIST_PAGE };
  try {
    return await retry.run(null, () => store.list(query, signal), signal);
  } catch (error) {
    if (error instanceof LonghaulError && UNLISTED.has(error.code)) return null;
    throw error;
  }
}

function coveredBy({ objects, cursor }: ListPage, keys: readonly string[]): readonly string[] {
  if (cursor === null) return keys;
  const last = objects.at(-1)?.key ?? "";
  const end = keys.findIndex((key) => compareKeys(key, last) > 0);
  return end === -1 ? keys : keys.slice(0, end);
}

/** What is not where the page should have it is asked for: not every server lists in order. */
async function settleCovered(
  listed: ListedDownload,
  page: ListPage,
  keys: readonly string[],
): Promise<void> {
  const { pager } = listed;
  const found = new Map(page.objects.map((object) => [object.key, object]));
  let items: ListedItem[] = [];
  const keep = async () => {
    const { length: count } = items;
    if (count === 0) return;
    for (const item of await listed.markHere(items)) pager.keep(item);
    items = [];
    await pager.endSource(count);
  };
  for (const key of keys) {
    const object = found.get(key);
    if (object !== undefined) {
      items.push(toItem(listed, key, object));
      continue;
    }
    await keep();
    await settleAlone(listed, key);
  }
  await keep();
}

async function settleAlone(listed: ListedDownload, key: string): Promise<void> {
  const { spec, store, retry, pager, signal } = listed;
  try {
    const object = await retry.run(null, () => store.stat(key, signal, spec.versionId), signal);
    for (const item of await listed.markHere([toItem(listed, key, object)])) pager.keep(item);
  } catch (error) {
    const isMissing = error instanceof LonghaulError && error.code === "object-missing";
    if (!isMissing) throw error;
    const unknown = { key, sizeBytes: 0, etag: "", versionId: null, modifiedAtMs: 0 };
    pager.keep({ ...toItem(listed, key, unknown), phase: "failed", error: toErrorInfo(error) });
  }
  await pager.endSource();
}
