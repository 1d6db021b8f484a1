import { LonghaulError } from "#shared/errors.ts";
import type { ListPage, ListQuery, ObjectInfo } from "../stores/store.ts";
import { FakeStore } from "../parts/fake-store.ts";
import { compareKeys } from "../stores/key-order.ts";

/** For tests: lists made-up keys in pages, and keeps what it was asked. */
export class ListingStore extends FakeStore {
  keys: readonly string[] = [];
  /** False: as few servers do, it begins every listing at its start. */
  obeysStartAfter = true;
  readonly listed: string[] = [];
  readonly asked: string[] = [];
  beforePage: (page: number) => void = () => undefined;

  override async list({ prefix, cursor, startAfter, limit }: ListQuery): Promise<ListPage> {
    this.listed.push(prefix);
    this.beforePage(this.listed.length);
    const begin = this.obeysStartAfter && cursor === null ? startAfter : undefined;
    const keys =
      begin === undefined ? this.keys : this.keys.filter((key) => compareKeys(key, begin) > 0);
    const below = startAfter === undefined ? keys : keys.filter((key) => key.startsWith(prefix));
    const start = cursor === null ? 0 : Number(cursor);
    const page = below.slice(start, start + limit);
    const objects = page.filter((key) => key.startsWith(prefix)).map((key) => infoOf(key));
    const end = start + limit;
    return { objects, prefixes: [], cursor: end < below.length ? String(end) : null };
  }

  override async stat(key: string): Promise<ObjectInfo> {
    this.asked.push(key);
    if (!this.keys.includes(key)) throw new LonghaulError("object-missing", key);
    return infoOf(key);
  }
}

function infoOf(key: string): ObjectInfo {
  const sizeBytes = key.endsWith("/") ? 0 : 3;
  return { key, sizeBytes, etag: `"${key}"`, versionId: null, modifiedAtMs: 0 };
}
