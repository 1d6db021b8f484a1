import { sep } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { toFsPath } from "../disk/local-path.ts";
import type { WalkEntry } from "../disk/walk.ts";
import type { Retry } from "../parts/ports.ts";
import type { ListPage, ListQuery, ObjectInfo, Store } from "../stores/store.ts";

const LIST_PAGE = 1000;

/** What a folder and a prefix have under one name; one of the two may be null. */
export type Merged = { readonly local: WalkEntry | null; readonly object: ObjectInfo | null };

/**
 * Goes through a folder and a prefix side by side, in the order of keys, and holds no more of them
 * than what comes next.
 *
 * @param walk Of the folder, in the order of keys.
 */
export async function* mergeByKey(
  walk: { readonly root: string; readonly entries: AsyncIterable<WalkEntry> },
  listing: { readonly prefix: string; readonly objects: AsyncIterable<ObjectInfo> },
): AsyncGenerator<Merged> {
  const { root, entries } = walk;
  const { prefix } = listing;
  const nameOf = ({ key }: ObjectInfo) => Buffer.from(key.slice(prefix.length));
  const objects = listing.objects[Symbol.asyncIterator]();
  try {
    let next = await objects.next();
    for await (const local of entries) {
      const name = rawName(root, local.path);
      while (next.done !== true && Buffer.compare(nameOf(next.value), name) < 0) {
        yield { local: null, object: next.value };
        next = await objects.next();
      }
      const isSame = next.done !== true && nameOf(next.value).equals(name);
      yield { local, object: isSame && next.done !== true ? next.value : null };
      if (isSame) next = await objects.next();
    }
    for (; next.done !== true; next = await objects.next()) {
      yield { local: null, object: next.value };
    }
  } finally {
    await objects.return?.();
  }
}

/** A path inside the folder as the bytes of a key: a name that is no UTF-8 equals no key. */
export function rawName(root: string, path: string): Buffer {
  const inside = path.slice(root.endsWith(sep) ? root.length : root.length + 1);
  const name = toFsPath(inside.split(sep).join("/"));
  return typeof name === "string" ? Buffer.from(name) : name;
}

/**
 * All objects below a prefix, page by page.
 *
 * @throws {LonghaulError} `unsupported` where they do not come in the order of their keys: compared
 * with a folder, some would seem to be missing that are there.
 */
export async function* objectsBelow(
  prefix: string,
  { store, retry }: { readonly store: Store; readonly retry: Retry },
  signal: AbortSignal,
): AsyncGenerator<ObjectInfo> {
  let cursor: string | null = null;
  let last = Buffer.alloc(0);
  do {
    const query: ListQuery = { prefix, isFolded: false, cursor, limit: LIST_PAGE };
    const page: ListPage = await retry.run(
      null,
      async () => await store.list(query, signal),
      signal,
    );
    for (const object of page.objects) {
      const key = Buffer.from(object.key);
      if (Buffer.compare(last, key) >= 0 && last.length > 0) throw outOfOrder(object.key);
      last = key;
      yield object;
    }
    ({ cursor } = page);
  } while (cursor !== null);
}

function outOfOrder(key: string): LonghaulError {
  const message = `the bucket lists ${key} out of the order of keys, so it cannot be compared with a folder`;
  return new LonghaulError("unsupported", message, { details: { key } });
}
