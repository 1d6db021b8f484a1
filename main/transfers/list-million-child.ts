import { setImmediate } from "node:timers/promises";
import { NameClaims } from "../disk/name-claims.ts";
import { systemClock } from "../flow/clock.ts";
import { FakeStore } from "../parts/fake-store.ts";
import type { ListPage, ListQuery } from "../stores/store.ts";
import { aDownloadSpec } from "./fixtures.ts";
import { ItemPager } from "./item-pager.ts";
import { aTransferId } from "./journal-fixtures.ts";
import { openJournal } from "./journal-open.ts";
import { markHere } from "./known-files.ts";
import { listDownload } from "./list-download.ts";
import { TransferBook } from "./transfer-book.ts";
import { newRecord } from "./transfer-record.ts";

/** A bucket that makes its pages up as they are asked for, and keeps none. */
class EndlessStore extends FakeStore {
  readonly pageCount: number;
  afterPage: (page: number) => Promise<void> = async () => undefined;

  constructor(pageCount: number) {
    super();
    this.pageCount = pageCount;
  }

  override async list({ prefix, cursor, limit }: ListQuery): Promise<ListPage> {
    const page = Number(cursor ?? 0);
    await this.afterPage(page);
    const objects = Array.from({ length: limit }, (_, n) => {
      const key = `${prefix}${String(page).padStart(4, "0")}/sample-${n}.jpg`;
      return {
        key,
        sizeBytes: 100_000 + n,
        etag: `"${page}-${n}"`,
        versionId: null,
        modifiedAtMs: n,
      };
    });
    return { objects, prefixes: [], cursor: page + 1 < this.pageCount ? `${page + 1}` : null };
  }
}

/**
 * Run by the memory test as a process of its own, with `--expose-gc`: lists a prefix of so many pages
 * as a download does, into a journal at `path`. Prints what is in memory after each `every` pages.
 */
async function listAll(path: string, pageCount: number, every: number): Promise<void> {
  const { journal } = await openJournal(path, systemClock);
  const book = new TransferBook({ journal, clock: systemClock, publish: () => undefined });
  const id = aTransferId(1);
  const spec = aDownloadSpec({ keys: ["photos/"], folder: "/nowhere/photos" });
  await book.add(newRecord(id, spec, "photos", { position: 1, wallMs: 0 }));
  const store = new EndlessStore(pageCount);
  const tell = async (pages: number) => {
    await setImmediate();
    globalThis.gc?.();
    const { heapUsed: heapBytes, arrayBuffers: bufferBytes } = process.memoryUsage();
    process.stdout.write(`${JSON.stringify({ pages, heapBytes, bufferBytes })}\n`);
  };
  store.afterPage = async (page) => {
    if (page > 0 && page % every === 0) await tell(page);
  };
  const { signal } = new AbortController();
  const place = { journal, folder: spec.folder, origin: "https://made.up" };
  await listDownload({
    spec,
    store,
    retry: { run: async (_part, attempt) => await attempt() },
    pager: new ItemPager(book, id, () => undefined),
    claims: new NameClaims({ isCaseFolded: false }),
    platform: process.platform,
    markHere: async (items) => await markHere(items, place, signal),
    signal,
  });
  await tell(pageCount);
  const { count } = await journal.itemTotals(id);
  process.stdout.write(`${JSON.stringify({ itemCount: count })}\n`);
  await journal.close();
}

const [path = "", pages = "", every = ""] = process.argv.slice(2);
await listAll(path, Number(pages), Number(every));
