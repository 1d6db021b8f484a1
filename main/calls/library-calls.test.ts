import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LibraryPage } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { FakeStore } from "../parts/fake-store.ts";
import type { ListPage, ListQuery, ObjectInfo } from "../stores/store.ts";
import { libraryCalls } from "./library-calls.ts";

const profileId = ProfileId.parse("lab");

function info(key: string): ObjectInfo {
  return { key, sizeBytes: 2, etag: '"e"', versionId: null, modifiedAtMs: 1 };
}

class BucketStore extends FakeStore {
  readonly asked: ListQuery[] = [];
  page: (query: ListQuery, signal: AbortSignal) => Promise<ListPage> = async () => ({
    objects: [],
    prefixes: [],
    cursor: null,
  });

  override async list(query: ListQuery, signal = new AbortController().signal): Promise<ListPage> {
    this.asked.push(query);
    return await this.page(query, signal);
  }
}

let store: BucketStore;
let calls: ReturnType<typeof libraryCalls>;

beforeEach(() => {
  store = new BucketStore();
  calls = libraryCalls({ buckets: async () => ["a", "b"], openStore: async () => store });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Deadlines end as soon as they begin. */
function noTime(): void {
  vi.spyOn(AbortSignal, "timeout").mockImplementation(() =>
    AbortSignal.abort(new DOMException("timed out", "TimeoutError")),
  );
}

describe("library.list", () => {
  it("gives one page below a prefix, without the prefix's own marker", async () => {
    store.page = async () => ({
      objects: [info("m/"), info("m/a")],
      prefixes: ["m/sub/"],
      cursor: "next",
    });
    const query = { profileId, bucket: "lab", prefix: "m/", cursor: "here" };
    const page = await calls["library.list"](query);
    expect(LibraryPage.parse(page)).toEqual(page);
    expect(page.objects.map(({ key }) => key)).toEqual(["m/a"]);
    expect([page.prefixes, page.cursor]).toEqual([["m/sub/"], "next"]);
    expect(store.asked).toEqual([{ prefix: "m/", isFolded: true, cursor: "here", limit: 1000 }]);
  });

  it("says that nobody answered, not that something is broken", async () => {
    noTime();
    store.page = async (_query, signal) => {
      signal.throwIfAborted();
      throw new Error("not reached");
    };
    const query = { profileId, bucket: "lab", prefix: "", cursor: null };
    await expect(calls["library.list"](query)).rejects.toMatchObject({
      code: "unreachable",
      message: "no answer within 30 s",
    });
  });

  it("says what the store says", async () => {
    store.page = async () => {
      throw new LonghaulError("access-denied", "no");
    };
    const query = { profileId, bucket: "lab", prefix: "", cursor: null };
    await expect(calls["library.list"](query)).rejects.toMatchObject({ code: "access-denied" });
  });
});

describe("library.measure", () => {
  const measure = (prefixes: string[]) =>
    calls["library.measure"]({ profileId, bucket: "lab", prefixes });

  it("adds up every page of every prefix", async () => {
    store.page = async ({ cursor }) => ({
      objects: [info("x"), info("y")],
      prefixes: [],
      cursor: cursor === null ? "next" : null,
    });
    expect(await measure(["a/", "b/"])).toEqual({ objectCount: 8, sizeBytes: 16, isCut: false });
  });

  it("stops at 200,000 objects and asks for no prefix more", async () => {
    const objects = Array.from({ length: 100_000 }, () => info("x"));
    store.page = async () => ({ objects, prefixes: [], cursor: "more" });
    expect(await measure(["a/", "b/"])).toEqual({
      objectCount: 200_000,
      sizeBytes: 400_000,
      isCut: true,
    });
    expect(store.asked.length).toBe(2);
  });

  it("gives what it has when time is up", async () => {
    store.page = async ({ cursor }, signal) => {
      if (cursor === null) return { objects: [info("x")], prefixes: [], cursor: "more" };
      noTime();
      throw signal.aborted ? signal.reason : new LonghaulError("access-denied", "no");
    };
    await expect(measure(["a/"])).rejects.toMatchObject({ code: "access-denied" });
    const short = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockImplementation(() => short.signal);
    store.page = async ({ cursor }) => {
      if (cursor === null) return { objects: [info("x")], prefixes: [], cursor: "more" };
      short.abort();
      throw short.signal.reason;
    };
    expect(await measure(["a/"])).toEqual({ objectCount: 1, sizeBytes: 2, isCut: true });
  });
});

it("names the buckets", async () => {
  expect(await calls["library.buckets"]({ profileId })).toEqual(["a", "b"]);
});
