import type { Entry } from "../cache/entry.ts";
import { isOfVersion } from "../cache/entry.ts";
import { isSameStamp } from "../disk/file-stamp.ts";
import { createNameFilter } from "../disk/name-filter.ts";
import type { WalkEntry } from "../disk/walk.ts";
import { walkFolder } from "../disk/walk.ts";
import type { Retry } from "../parts/ports.ts";
import type { ObjectInfo, Store } from "../stores/store.ts";
import type { ItemPager } from "./item-pager.ts";
import type { UploadSource } from "./item-record.ts";
import type { Journal } from "./journal.ts";
import type { IsKept } from "./kept-places.ts";
import { leavingOut } from "./kept-places.ts";
import type { ListedItem } from "./known-files.ts";
import { toUploadItem } from "./list-upload.ts";
import { mergeByKey, objectsBelow, rawName } from "./sync-merge.ts";
import type { UploadSpec } from "./transfer-spec.ts";

/** Note of a file that its key has already. */
export const THERE = "already there";

/** Files asked about at once in the journal; of these the first are on their way soon. */
const PAGE_FILES = 500;
/** Longest time that found files wait for their page to fill, in milliseconds. */
const FLUSH_AFTER_MS = 250;

type Means = {
  readonly spec: UploadSpec;
  readonly pager: ItemPager;
  readonly journal: Pick<Journal, "entriesAt">;
  readonly store: Store;
  readonly retry: Retry;
  readonly origin: string;
  readonly nowMs: () => number;
  readonly isKept: (source: string) => Promise<IsKept | null>;
  readonly signal: AbortSignal;
};

type FileEntry = Extract<WalkEntry, { kind: "file" }>;
type Pair = { readonly file: FileEntry; readonly object: ObjectInfo | null };

/**
 * Finds the files of a folder that is synced to a prefix, from where an earlier run stopped. The
 * prefix is listed once beside the walk: a file that is known as what is under its key is settled,
 * and every other goes on with what the listing says of its key.
 */
export async function listSyncUpload(means: Means): Promise<void> {
  const { spec, pager, signal } = means;
  const [root = ""] = spec.sources;
  const { prefix } = spec.destination;
  const plain = createNameFilter(spec.include, spec.exclude);
  const filter = leavingOut(plain, await means.isKept(root));
  const entries = walkFolder(root, { followSymlinks: false, filter, order: "keys" }, signal);
  const objects = objectsBelow(prefix, means, signal);
  const from = pager.listing.cursor === null ? null : Buffer.from(pager.listing.cursor, "base64");
  const page = new FilePage(means);
  let hasExtras = false;
  for await (const { local, object } of mergeByKey({ root, entries }, { prefix, objects })) {
    if (local === null) {
      const inside = object?.key.slice(prefix.length) ?? "";
      hasExtras ||= inside !== "" && filter.takesFile(inside);
      continue;
    }
    const name = rawName(root, local.path);
    if (from !== null && Buffer.compare(name, from) <= 0) continue;
    await page.add(local, object, name);
  }
  await page.flush();
  await pager.endSource();
  await pager.end(hasExtras ? {} : { extras: "none" });
}

/** Gathers what the walk finds until it is worth a question to the journal. */
class FilePage {
  readonly #means: Means;
  #pairs: (Pair | ListedItem)[] = [];
  #cursor: Buffer | null = null;
  #flushedAtMs: number;

  constructor(means: Means) {
    this.#means = means;
    this.#flushedAtMs = means.nowMs();
  }

  async add(local: WalkEntry, object: ObjectInfo | null, name: Buffer): Promise<void> {
    const { spec, nowMs } = this.#means;
    const found =
      local.kind === "file" ? { file: local, object } : toUploadItem(spec, local, local.name);
    if (found !== null) this.#pairs.push(found);
    this.#cursor = name;
    const isDue = nowMs() - this.#flushedAtMs >= FLUSH_AFTER_MS;
    if (this.#pairs.length >= PAGE_FILES || isDue) await this.flush();
  }

  async flush(): Promise<void> {
    const pairs = this.#pairs;
    this.#pairs = [];
    this.#flushedAtMs = this.#means.nowMs();
    if (this.#cursor === null) return;
    const { pager } = this.#means;
    const known = await this.#entriesOf(pairs);
    for (const one of pairs) {
      pager.keep("file" in one ? this.#toItem(one, known.get(one.file.path) ?? []) : one);
    }
    await pager.flushAt(this.#cursor.toString("base64"));
  }

  async #entriesOf(pairs: readonly (Pair | ListedItem)[]): Promise<Map<string, Entry[]>> {
    const { spec, journal } = this.#means;
    if (spec.sync?.byDigest === true || spec.readBack) return new Map();
    const paths = pairs.flatMap((one) =>
      "file" in one && one.object !== null ? [one.file.path] : [],
    );
    const entries = paths.length === 0 ? [] : await journal.entriesAt(paths);
    return Map.groupBy(entries, ({ path }) => path);
  }

  #toItem({ file, object }: Pair, entries: readonly Entry[]): ListedItem {
    const { path, stamp, name, sizeBytes } = file;
    const source: UploadSource = { kind: "file", path, stamp, taken: takenOf(object) };
    const item = { name, sizeBytes, source };
    const isThere = entries.some(
      (entry) =>
        object !== null &&
        entry.origin === this.#means.origin &&
        entry.key === object.key &&
        entry.trouble === null &&
        isOfVersion(entry, object) &&
        isSameStamp(entry.stamp, stamp),
    );
    if (!isThere) return item;
    return { ...item, phase: "skipped", doneBytes: sizeBytes, keptBytes: sizeBytes, note: THERE };
  }
}

function takenOf(object: ObjectInfo | null): Extract<UploadSource, { kind: "file" }>["taken"] {
  if (object === null) return null;
  const { etag, sizeBytes, versionId, modifiedAtMs } = object;
  return { etag, sizeBytes, versionId, modifiedAtMs };
}
