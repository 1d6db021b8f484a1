import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { WireResponse } from "../wire/wire.ts";
import { MemoryBucket } from "./memory/memory-bucket.ts";
import { MemoryStore } from "./memory/memory-store.ts";
import { RegionFollowingStore } from "./region-following-store.ts";
import type { GetOperation, ObjectInfo, PutOperation, Stored } from "./store.ts";

const never = new AbortController().signal;
const OBJECT: ObjectInfo = {
  key: "k",
  sizeBytes: 1,
  etag: '"e"',
  versionId: null,
  modifiedAtMs: 0,
};
const GET: GetOperation = { kind: "get", object: OBJECT, range: null };
const PUT: PutOperation = {
  kind: "put",
  key: "k",
  sizeBytes: 1,
  sha256: "00",
  condition: { kind: "any" },
};
const ANSWER: WireResponse = { status: 400, headers: {}, body: new Uint8Array() };

function elsewhere(region?: string): LonghaulError {
  return new LonghaulError("wrong-region", "elsewhere", {
    details: region === undefined ? {} : { region },
  });
}

/** A region of a world where the bucket is in `home`, and every refusal says `named`. */
class Region extends MemoryStore {
  readonly #isHome: boolean;
  readonly #refusal: LonghaulError;

  constructor(isHome: boolean, refusal: LonghaulError) {
    super({ bucket: new MemoryBucket(), origin: "http://face" });
    this.#isHome = isHome;
    this.#refusal = refusal;
  }

  override async stat(key: string): Promise<ObjectInfo> {
    if (!this.#isHome) throw this.#refusal;
    return { ...OBJECT, key };
  }

  override readStored(): Stored {
    if (!this.#isHome) throw this.#refusal;
    return { etag: '"e"', versionId: null, isSha256Kept: false };
  }

  override explainRefusal(): LonghaulError {
    return this.#isHome ? new LonghaulError("object-changed", "changed") : this.#refusal;
  }
}

function worldOf(home: string, named: string | undefined = home) {
  const opened: string[] = [];
  const store = new RegionFollowingStore("first", (region) => {
    opened.push(region);
    return new Region(region === home, elsewhere(named));
  });
  return { store, opened };
}

describe("a store that follows its bucket", () => {
  it("asks again where the bucket is, and stays there", async () => {
    const { store, opened } = worldOf("second");
    expect(await store.stat("k", never)).toMatchObject({ key: "k" });
    await store.stat("k", never);
    expect(opened).toEqual(["first", "second"]);
  });

  it("moves once for many calls that are refused at the same time", async () => {
    const { store, opened } = worldOf("second");
    await Promise.all(Array.from({ length: 8 }, async () => store.stat("k", never)));
    expect(opened).toEqual(["first", "second"]);
  });

  it("does not go round between regions that name each other", async () => {
    const { store, opened } = worldOf("nowhere", "second");
    await expect(store.stat("k", never)).rejects.toMatchObject({ code: "wrong-region" });
    await expect(store.stat("k", never)).rejects.toMatchObject({ code: "wrong-region" });
    expect(opened).toEqual(["first", "second"]);
  });

  it("stays where it is when nobody says where the bucket is", async () => {
    const opened: string[] = [];
    const store = new RegionFollowingStore("first", (region) => {
      opened.push(region);
      return new Region(false, elsewhere());
    });
    await expect(store.stat("k", never)).rejects.toMatchObject({ code: "wrong-region" });
    expect(opened).toEqual(["first"]);
  });

  it("leaves other failures alone", async () => {
    const { store, opened } = worldOf("first");
    await expect(
      store.list({ prefix: "", isFolded: false, cursor: null, limit: 1 }, AbortSignal.abort()),
    ).rejects.toMatchObject({ name: "AbortError" });
    await expect(
      store.listParts({ key: "k", uploadId: "gone" }, null, never),
    ).rejects.toMatchObject({
      code: "upload-gone",
    });
    expect(opened).toEqual(["first"]);
  });
});

describe("the answer to a request that was signed for another region", () => {
  it("asks for another attempt", async () => {
    const { store, opened } = worldOf("second");
    await store.sign(PUT, never);
    expect(() => store.readStored(PUT, ANSWER)).toThrow(
      expect.objectContaining({ code: "server-failed" }),
    );
    expect(opened).toEqual(["first", "second"]);
    await store.sign(PUT, never);
    expect(store.readStored(PUT, ANSWER)).toMatchObject({ etag: '"e"' });
  });

  it("is read by the region that it was signed for, also after the move", async () => {
    const { store } = worldOf("second");
    await store.sign(GET, never);
    await store.stat("k", never);
    expect(store.explainRefusal(GET, ANSWER)).toMatchObject({ code: "server-failed" });
    await store.sign(GET, never);
    expect(store.explainRefusal(GET, ANSWER)).toMatchObject({ code: "object-changed" });
  });
});
