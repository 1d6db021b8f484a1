import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LibraryPage } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import type { ListPage, ListQuery, ObjectInfo } from "../stores/store.ts";
import { FakeStore } from "../parts/fake-store.ts";
import { statFile } from "../disk/stat-file.ts";
import { anEntry } from "../transfers/journal-fixtures.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { openJournalHere } from "../transfers/journal-open.ts";
import type { TransferRecord } from "../transfers/transfer-record.ts";
import { libraryCalls } from "./library-calls.ts";

const profileId = ProfileId.parse("lab");
const lab = { profileId, bucket: "models" };
const measured = { ...lab, objects: [], folder: null };

type Answer = (query: ListQuery, signal: AbortSignal) => Promise<ListPage>;

/** A store of which only listing is asked. */
class ListedStore extends FakeStore {
  readonly queries: ListQuery[] = [];
  readonly #answer: Answer;

  constructor(answer: Answer) {
    super();
    this.#answer = answer;
  }

  override async list(query: ListQuery, signal?: AbortSignal): Promise<ListPage> {
    this.queries.push(query);
    return await this.#answer(query, signal ?? new AbortController().signal);
  }
}

function anObject(key: string, sizeBytes = 10): ObjectInfo {
  return { key, sizeBytes, etag: `"${key}"`, versionId: "v1", modifiedAtMs: 5 };
}

const NOTHING: ListPage = { objects: [], prefixes: [], cursor: null };

function callsOver(answer: Answer) {
  const store = new ListedStore(answer);
  const journal = openJournalHere(new FakeClock());
  const records: TransferRecord[] = [];
  const calls = libraryCalls({
    buckets: async () => ["a", "b"],
    openStore: async () => ({ store, origin: "https://store.lab/models" }),
    resolve: async (ref) => ("path" in ref ? ref.path : ref.handle),
    journal,
    book: { list: () => records },
  });
  return { store, calls, journal, records };
}

/** The answer to a question that only a deadline ends. */
async function never(_query: ListQuery, signal: AbortSignal): Promise<ListPage> {
  const { promise, reject } = Promise.withResolvers<ListPage>();
  signal.addEventListener("abort", () => reject(signal.reason));
  return await promise;
}

/** Deadlines that end when a test says so, by how long they are. */
const deadlines = new Map<number, AbortController>();

beforeEach(() => {
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    deadlines.set(ms, controller);
    return controller.signal;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  deadlines.clear();
});

function pass(ms: number): void {
  deadlines.get(ms)?.abort(new DOMException("too late", "TimeoutError"));
}

describe("library.list", () => {
  it("shows a page as the contract has it", async () => {
    const { store, calls } = callsOver(async () => ({
      objects: [anObject("llama/a.gguf", 7)],
      prefixes: ["llama/old/"],
      cursor: "next",
    }));
    const page = await calls["library.list"]({
      ...lab,
      isDeep: false,
      prefix: "llama/",
      cursor: "this",
    });
    expect(LibraryPage.parse(page)).toEqual({
      objects: [{ key: "llama/a.gguf", sizeBytes: 7, etag: '"llama/a.gguf"', modifiedAtMs: 5 }],
      prefixes: ["llama/old/"],
      cursor: "next",
    });
    expect(store.queries).toEqual([
      { prefix: "llama/", isFolded: true, cursor: "this", limit: 1000 },
    ]);
  });

  it("lists everything under a prefix where it is asked for", async () => {
    const { store, calls } = callsOver(async () => NOTHING);
    await calls["library.list"]({ ...lab, isDeep: true, prefix: "", cursor: null });
    expect(store.queries).toMatchObject([{ isFolded: false }]);
  });

  it("leaves out the marker of the prefix itself, and of no other", async () => {
    const objects = [anObject("llama/", 0), anObject("llama/x/", 0), anObject("llama/a")];
    const { calls } = callsOver(async () => ({ ...NOTHING, objects }));
    const page = await calls["library.list"]({
      ...lab,
      isDeep: false,
      prefix: "llama/",
      cursor: null,
    });
    expect(page.objects.map(({ key }) => key)).toEqual(["llama/x/", "llama/a"]);
  });
});

it("lists the object whose very name was asked for", async () => {
  const objects = [anObject("llama", 3), anObject("llama-2", 4)];
  const { calls } = callsOver(async () => ({ ...NOTHING, objects }));
  const page = await calls["library.list"]({
    ...lab,
    isDeep: false,
    prefix: "llama",
    cursor: null,
  });
  expect(page.objects.map(({ key }) => key)).toEqual(["llama", "llama-2"]);
});

describe("library.list that goes wrong", () => {
  it("is unreachable when no answer comes in 30 s", async () => {
    const { calls } = callsOver(never);
    const listing = calls["library.list"]({ ...lab, isDeep: false, prefix: "", cursor: null });
    await vi.waitFor(() => expect(deadlines.has(30_000)).toBe(true));
    pass(30_000);
    await expect(listing).rejects.toMatchObject({ code: "unreachable" });
  });

  it("says what the store says, also when it says so at the deadline", async () => {
    const denied = new LonghaulError("access-denied", "no");
    const { calls } = callsOver(async () => {
      pass(30_000);
      throw denied;
    });
    const listing = calls["library.list"]({ ...lab, isDeep: false, prefix: "", cursor: null });
    await expect(listing).rejects.toBe(denied);
  });

  it("lets a mistake of ours be one", async () => {
    const { calls } = callsOver(async () => {
      throw new TypeError("a bug");
    });
    const listing = calls["library.list"]({ ...lab, isDeep: false, prefix: "", cursor: null });
    await expect(listing).rejects.toThrow(TypeError);
  });
});

describe("library.buckets", () => {
  it("names the buckets of a profile", async () => {
    const { calls } = callsOver(async () => NOTHING);
    expect(await calls["library.buckets"]({ profileId })).toEqual(["a", "b"]);
  });
});

/** Pages of 1,000 objects of 10 bytes under every prefix. */
function pages(count: number): Answer {
  return async ({ prefix, cursor }) => {
    const at = Number(cursor ?? 0);
    const objects = Array.from({ length: 1000 }, (_, n) => anObject(`${prefix}${at}-${n}`));
    return { objects, prefixes: [], cursor: at + 1 < count ? `${at + 1}` : null };
  };
}

describe("library.measure", () => {
  it("sums all pages of all prefixes, unfolded", async () => {
    const { store, calls } = callsOver(pages(3));
    const sum = await calls["library.measure"]({ ...measured, prefixes: ["a/", "b/"] });
    expect(sum).toMatchObject({ objectCount: 6000, sizeBytes: 60_000, isCut: false });
    expect(store.queries.map(({ prefix, cursor, isFolded }) => [prefix, cursor, isFolded])).toEqual(
      ["a/", "b/"].flatMap((prefix) => [null, "1", "2"].map((cursor) => [prefix, cursor, false])),
    );
  });

  it("does not count the marker of a prefix, as its download would not", async () => {
    const objects = [anObject("a/", 0), anObject("a/b"), anObject("a/c/", 0)];
    const { calls } = callsOver(async () => ({ ...NOTHING, objects }));
    const sum = await calls["library.measure"]({ ...measured, prefixes: ["a/"] });
    expect(sum).toMatchObject({ objectCount: 2, sizeBytes: 10, isCut: false });
  });

  it("stops after 200,000 objects and says so", async () => {
    const { store, calls } = callsOver(pages(1000));
    const sum = await calls["library.measure"]({ ...measured, prefixes: ["a/", "b/"] });
    expect(sum).toMatchObject({ objectCount: 200_000, sizeBytes: 2_000_000, isCut: true });
    expect(store.queries.length).toBe(200);
  });

  it("has not stopped short where the last of 200,000 is the last there is", async () => {
    const { calls } = callsOver(pages(200));
    const sum = await calls["library.measure"]({ ...measured, prefixes: ["a/"] });
    expect(sum).toMatchObject({ objectCount: 200_000, isCut: false });
  });

  it("also stops between prefixes that are small each", async () => {
    const { store, calls } = callsOver(pages(1));
    const prefixes = Array.from({ length: 300 }, (_, n) => `${n}/`);
    const sum = await calls["library.measure"]({ ...measured, prefixes });
    expect(sum).toMatchObject({ objectCount: 200_000, isCut: true });
    expect(store.queries.length).toBe(200);
  });
});

describe("what is here", () => {
  const folder = mkdtempSync(join(tmpdir(), "longhaul-here-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Puts files of a prefix `a/` there, as a download would have. */
  async function withFiles(names: readonly string[]) {
    const objects = ["a/b", "a/c", "a/d"].map((key) => anObject(key));
    const found = callsOver(async () => ({ ...NOTHING, objects }));
    for (const name of names) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, "0123456789");
      const { stamp } = await statFile(path);
      const key = `a/${basename(name)}`;
      const entry = anEntry({ path, key, etag: `"${key}"`, sizeBytes: 10, stamp });
      await found.journal.commit([{ type: "entry-put", entry }]);
    }
    return { ...found, objects };
  }

  it("of a prefix is what its download would leave alone", async () => {
    const { calls } = await withFiles(["a/b", "elsewhere/c"]);
    const into = { path: folder };
    const sum = await calls["library.measure"]({ ...measured, prefixes: ["a/"], folder: into });
    expect(sum).toMatchObject({ objectCount: 3, sizeBytes: 30, hereCount: 1, hereBytes: 10 });
  });

  it("of single objects is looked for without asking the store", async () => {
    const { calls, objects, store } = await withFiles(["b", "c"]);
    const input = { ...measured, prefixes: [], objects, folder: { path: folder } };
    const sum = await calls["library.measure"](input);
    expect(sum).toMatchObject({ objectCount: 3, sizeBytes: 30, hereCount: 2, hereBytes: 20 });
    expect(store.queries).toEqual([]);
  });

  it("of single objects is in the folders that they keep", async () => {
    const { calls, objects } = await withFiles(["a/b", "a/c", "d"]);
    const input = { ...measured, prefixes: [], objects, folder: { path: folder } };
    const sum = await calls["library.measure"]({ ...input, keptFolders: ["a/"] });
    expect(sum).toMatchObject({ objectCount: 3, hereCount: 2 });
  });

  it("is a copy in any folder, of this version or another one", async () => {
    const { calls, objects } = await withFiles(["one/b", "two/c"]);
    const changed = objects.map((one) => (one.key === "a/c" ? { ...one, etag: '"new"' } : one));
    const states = await calls["library.here"]({ ...lab, objects: changed });
    expect(states).toEqual([
      { state: "here", doneBytes: 10, path: join(folder, "one/b") },
      { state: "newer", doneBytes: 0, path: join(folder, "two/c") },
      { state: "no", doneBytes: 0, path: null },
    ]);
  });

  it("is none once somebody wrote to it", async () => {
    const { calls, objects } = await withFiles(["one/b"]);
    writeFileSync(join(folder, "one/b"), "9876543210");
    const [state] = await calls["library.here"]({ ...lab, objects });
    expect(state?.state).toBe("no");
  });
});

describe("library.measure that is not answered", () => {
  it("stops after 20 s with what it has, whatever the store makes of the abort", async () => {
    const late = [
      () => new LonghaulError("unreachable", "late"),
      () => new DOMException("late", "TimeoutError"),
    ];
    for (const error of late) {
      const { calls } = callsOver(async (query) => {
        if (query.cursor === "1") {
          pass(20_000);
          throw error();
        }
        return { objects: [anObject("a/b")], prefixes: [], cursor: "1" };
      });
      const sum = await calls["library.measure"]({ ...measured, prefixes: ["a/", "b/"] });
      expect(sum).toMatchObject({ objectCount: 1, sizeBytes: 10, isCut: true });
    }
  });

  it("fails when the store does", async () => {
    const gone = new LonghaulError("bucket-missing", "gone");
    const { calls } = callsOver(() => Promise.reject(gone));
    await expect(calls["library.measure"]({ ...measured, prefixes: [""] })).rejects.toBe(gone);
  });
});

describe("library.versions", () => {
  it("shows those of one key, and goes on only while there may be more of it", async () => {
    const objects = [anObject("a"), anObject("ab")];
    const { calls } = callsOver(async () => ({ ...NOTHING, objects }));
    const asked = { ...lab, prefix: "a", cursor: null };
    const only = await calls["library.versions"]({ ...asked, isKey: true });
    expect(only.versions).toEqual([
      {
        key: "a",
        sizeBytes: 10,
        etag: '"a"',
        versionId: "v1",
        modifiedAtMs: 5,
        isLatest: true,
        isDeletion: false,
      },
    ]);
    expect(only.cursor).toBeNull();
    expect((await calls["library.versions"]({ ...asked, isKey: false })).versions).toHaveLength(2);
  });
});
