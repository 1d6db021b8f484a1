import type {
  CacheChange,
  CacheIntent,
  CacheJournal,
  EntryList,
  EntryListQuery,
  EntryQuery,
  EntrySums,
  Evictable,
  EvictableQuery,
  IntentRow,
  KnownPiece,
} from "./cache-journal.ts";
import { dirname } from "node:path";
import { ProfileId } from "#shared/profile.ts";
import type { Entry, EntryId } from "./entry.ts";
import { entryKey, isOfVersion, isStill } from "./entry.ts";

/** A journal for tests of the cache, in memory; what it was told is in `commits`. */
export class FakeCacheJournal implements CacheJournal {
  readonly entries = new Map<string, Entry>();
  readonly pieces = new Map<string, readonly KnownPiece[]>();
  readonly intents = new Map<string, CacheIntent>();
  readonly commits: (readonly CacheChange[])[] = [];
  /** Called before a commit takes effect; throwing is a crash, or a disk that fails. */
  before: (changes: readonly CacheChange[]) => void | Promise<void> = () => undefined;

  put(...entries: readonly Entry[]): void {
    for (const entry of entries) this.entries.set(entryKey(entry), entry);
  }

  find(id: EntryId): Entry | undefined {
    return this.entries.get(entryKey(id));
  }

  async commit(changes: readonly CacheChange[]): Promise<void> {
    await this.before(changes);
    this.commits.push(changes);
    for (const change of changes) this.#apply(change);
  }

  async entriesAt(paths: readonly string[]): Promise<readonly Entry[]> {
    return [...this.entries.values()].filter(({ path }) => paths.includes(path));
  }

  async entriesOf({ origin, keys }: { readonly origin: string; readonly keys: readonly string[] }) {
    const isOf = (entry: Entry) => entry.origin === origin && keys.includes(entry.key);
    return [...this.entries.values()].filter(isOf);
  }

  async hasEntries(origin: string): Promise<boolean> {
    return [...this.entries.values()].some((entry) => entry.origin === origin);
  }

  async entryPage({ after, limit }: EntryQuery): Promise<readonly Entry[]> {
    const sorted = [...this.entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const from = after === null ? 0 : sorted.findIndex(({ path }) => path > after.path);
    return from < 0 ? [] : sorted.slice(from, from + limit);
  }

  async entryList({ offset, limit }: EntryListQuery): Promise<EntryList> {
    const all = [...this.entries.values()];
    const sizeBytes = all.reduce((sum, one) => sum + one.sizeBytes, 0);
    return { entries: all.slice(offset, offset + limit), total: all.length, sizeBytes };
  }

  async evictable({ folder, after, limit }: EvictableQuery): Promise<readonly Evictable[]> {
    const all = [...this.entries.values()];
    const mayGo = (one: Entry) =>
      one.kind === "managed" && !one.isPinned && dirname(one.path) === folder;
    const sorted = all.filter(mayGo).toSorted((a, b) => a.usedAtMs - b.usedAtMs);
    const rest = sorted.filter((one) => after === null || one.usedAtMs > after.usedAtMs);
    const isLike = (own: Entry, one: Entry) =>
      own.kind === "own" && own.key === one.key && isOfVersion(own, one);
    return rest.slice(0, limit).map((entry) => {
      return { entry, isShared: all.some((own) => isLike(own, entry)) };
    });
  }

  async entrySums(folder: string): Promise<EntrySums> {
    const inside = [...this.entries.values()].filter(
      ({ kind, path }) => kind === "managed" && dirname(path) === folder,
    );
    const sum = (entries: readonly Entry[]) =>
      entries.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
    const pinned = inside.filter(({ isPinned }) => isPinned);
    return { usedBytes: sum(inside), pinnedBytes: sum(pinned), count: inside.length };
  }

  async entryPieces(id: EntryId): Promise<readonly KnownPiece[] | null> {
    return this.pieces.get(entryKey(id)) ?? null;
  }

  async cacheIntents(): Promise<readonly IntentRow[]> {
    return [...this.intents].map(([path, intent]) => ({ path, intent }));
  }

  #apply(change: CacheChange): void {
    if ("of" in change && change.of !== undefined) {
      if (!isStill(this.find(change.id), change.of)) return;
    }
    switch (change.type) {
      case "entry-put":
        this.put(change.entry);
        break;
      case "entry-changed": {
        const entry = this.find(change.id);
        if (entry !== undefined) {
          const given = Object.entries(change.change).filter(([, value]) => value !== undefined);
          this.put({ ...entry, ...Object.fromEntries(given) });
        }
        break;
      }
      case "entry-removed":
        this.entries.delete(entryKey(change.id));
        break;
      case "pieces-put":
        this.pieces.set(entryKey(change.id), change.pieces);
        break;
      case "intent-put":
        this.intents.set(change.path, change.intent);
        break;
      case "intent-removed":
        this.intents.delete(change.path);
        break;
    }
  }
}

/** A copy for tests, of an object of 1,000 bytes. */
export function aCopy(given: Partial<Entry> = {}): Entry {
  return {
    path: "/models/llama.bin",
    origin: "https://store.lab/models",
    key: "llama.bin",
    profileId: ProfileId.parse("lab"),
    bucket: "models",
    etag: '"etag"',
    versionId: null,
    sizeBytes: 1000,
    stamp: { dev: "1", ino: "2", size: "1000", mtimeNs: "3", ctimeNs: "4" },
    kind: "own",
    isFetched: true,
    rung: "part-sha256",
    sha256: null,
    isPinned: false,
    addedAtMs: 1000,
    usedAtMs: 1000,
    verifiedAtMs: null,
    trouble: null,
    ...given,
  };
}
