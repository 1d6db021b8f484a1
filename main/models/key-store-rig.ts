import { FakeStore } from "../parts/fake-store.ts";
import { compareKeys } from "../stores/key-order.ts";
import type { ListPage, ListQuery, ObjectInfo } from "../stores/store.ts";

/** A store of keys without bytes, which lists as S3 does and counts how often. */
export class KeyStore extends FakeStore {
  readonly queries: ListQuery[] = [];
  readonly #keys: readonly string[];

  constructor(keys: readonly string[]) {
    super();
    this.#keys = keys.toSorted(compareKeys);
  }

  override async list(query: ListQuery): Promise<ListPage> {
    this.queries.push(query);
    const { prefix, isFolded, cursor, limit } = query;
    const objects: ObjectInfo[] = [];
    const prefixes: string[] = [];
    const from = Number(cursor ?? 0);
    for (let at = from; at < this.#keys.length; at += 1) {
      const key = this.#keys[at] ?? "";
      if (!key.startsWith(prefix)) continue;
      const slash = isFolded ? key.indexOf("/", prefix.length) : -1;
      const folded = slash === -1 ? null : key.slice(0, slash + 1);
      if (folded !== null && prefixes.at(-1) === folded) continue;
      if (objects.length + prefixes.length === limit) return { objects, prefixes, cursor: `${at}` };
      if (folded === null) objects.push(toInfo(key));
      else prefixes.push(folded);
    }
    return { objects, prefixes, cursor: null };
  }
}

function toInfo(key: string): ObjectInfo {
  return { key, sizeBytes: 10, etag: `"${key}"`, versionId: null, modifiedAtMs: 5 };
}
