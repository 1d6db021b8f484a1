import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nextBytes, putOf, sha256Of, StoreMover } from "./store-mover.ts";
import type { ObjectInfo, Store, StoredPart, UploadRef, WriteCondition } from "./store.ts";

/** One store to test, over a bucket that is empty and that nobody else uses. */
export type StoreRig = {
  readonly store: Store;
  /** The endpoint has digests of parts to give back. */
  readonly keepsSha256: boolean;
  /** 1,024 unless told. */
  readonly maxKeyBytes?: number;
  close(): Promise<void>;
};

/** A server may have to start first, on a busy machine. */
const START_DEADLINE_MS = 60_000;
const ANY: WriteCondition = { kind: "any" };
const never = new AbortController().signal;

/**
 * The promises of `store.ts` as tests. Bytes go through the real wire, so a store that signs wrongly
 * or expects the wrong answer fails here. Each store's own test file calls this once.
 */
export function describeStore(name: string, openRig: () => Promise<StoreRig>): void {
  describe(`${name} keeps the store contract`, () => {
    const mover = new StoreMover();
    let rig: StoreRig | undefined;

    beforeAll(async () => {
      rig = await openRig();
      await mover.open(rig.store);
    }, START_DEADLINE_MS);
    afterAll(async () => {
      await mover.close();
      await rig?.close();
    });

    describeObjects(mover);
    describeRemovals(mover);
    describeUploads(mover, () => rig?.keepsSha256 === true);
    describeNames(mover);
    it("takes the longest key", async () => {
      const bytes = nextBytes(10);
      const key = "k".repeat(rig?.maxKeyBytes ?? 1024);
      await mover.put(key, bytes);
      expect(await mover.get(await mover.store.stat(key, never))).toEqual(bytes);
    });
  });
}

function describeObjects(mover: StoreMover): void {
  it.each([0, 1, 70_000])("gives back the %i bytes that were put", async (size) => {
    const bytes = nextBytes(size);
    const stored = await mover.put(`round/${size}`, bytes);
    const object = await mover.store.stat(`round/${size}`, never);
    expect(object).toMatchObject({ key: `round/${size}`, sizeBytes: size, etag: stored.etag });
    expect(await mover.get(object)).toEqual(bytes);
    expect(await mover.store.pieces(object, never)).toSatisfy(isCoverOrNull(object, bytes));
  });

  it("says object-missing for an absent key", async () => {
    await expect(mover.store.stat("absent", never)).rejects.toMatchObject({
      code: "object-missing",
    });
  });

  it("reads exactly the range that was asked for", async () => {
    const bytes = nextBytes(10_000);
    await mover.put("ranged", bytes);
    const object = await mover.store.stat("ranged", never);
    const got = await mover.receive({ kind: "get", object, range: { start: 17, end: 9001 } });
    expect(got).toMatchObject({ outcome: "whole" });
    expect(await mover.received()).toEqual(bytes.subarray(17, 9001));
  });

  it("refuses to read an object that was replaced since", async () => {
    await mover.put("replaced", nextBytes(100));
    const old = await mover.store.stat("replaced", never);
    await mover.put("replaced", nextBytes(100));
    await expect(mover.get(old)).rejects.toMatchObject({ code: "object-changed" });
    await mover.store.remove("replaced", never);
    await expect(mover.get(old)).rejects.toMatchObject({ code: "object-changed" });
  });

  it("refuses bytes that are not those that were signed", async () => {
    const operation = putOf("lied", nextBytes(50), ANY);
    const sent = mover.put("lied", nextBytes(50), ANY, operation);
    await expect(sent).rejects.toMatchObject({ code: "corrupt" });
    await expect(mover.store.stat("lied", never)).rejects.toMatchObject({ code: "object-missing" });
  });

  it("keeps a condition of a put", async () => {
    const absent: WriteCondition = { kind: "absent" };
    const first = await mover.put("conditional", nextBytes(10), absent);
    const again = mover.put("conditional", nextBytes(10), absent);
    await expect(again).rejects.toMatchObject({ code: "conflict" });
    const same: WriteCondition = { kind: "same", etag: first.etag };
    await mover.put("conditional", nextBytes(11), same);
    const late = mover.put("conditional", nextBytes(12), same);
    await expect(late).rejects.toMatchObject({ code: "conflict" });
  });
}

function describeRemovals(mover: StoreMover): void {
  it("removes many objects at once, but none that was replaced since", async () => {
    const keys = ["gone/a & b <c>", "gone/\u0001", "gone/é", "gone/kept", "gone/absent"];
    for (const key of keys.slice(0, 4)) await mover.put(key, nextBytes(9));
    const { objects } = await mover.store.list({ ...EVERYTHING, prefix: "gone/" }, never);
    expect(objects).toHaveLength(4);
    const etagOf = (key: string) => objects.find((one) => one.key === key)?.etag ?? '"none"';
    await mover.put("gone/kept", nextBytes(10));
    const orders = keys.map((key) => ({ key, etag: etagOf(key) }));
    const removed = await mover.store.removeAll(orders, never);
    const outcomes = removed.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["removed", "removed", "removed", "changed", "removed"]);
    expect(await listed(mover.store, { ...EVERYTHING, prefix: "gone/" })).toEqual(["gone/kept"]);
    expect(await mover.store.removeAll([], never)).toEqual([]);
  });
}

function describeUploads(mover: StoreMover, keepsSha256: () => boolean): void {
  it("shows nothing under a key until the upload completes, and then all parts", async () => {
    const bodies = [nextBytes(mover.store.limits.minPartBytes), nextBytes(5)];
    const upload = await mover.upload("whole.bin", bodies);
    const missing = mover.store.stat("whole.bin", never);
    await expect(missing).rejects.toMatchObject({ code: "object-missing" });

    const stored = await mover.complete(upload, ANY);
    const bytes = Buffer.concat(bodies);
    const object = await mover.store.stat("whole.bin", never);
    expect(object).toMatchObject({ sizeBytes: bytes.length, etag: stored.etag });
    expect(await mover.get(object)).toEqual(bytes);
    expect(await mover.store.uploadedPartBytes(object, never)).toBe(
      mover.store.limits.minPartBytes,
    );
    const pieces = await mover.store.pieces(object, never);
    if (keepsSha256()) expect(pieces).toHaveLength(2);
    expect(pieces).toSatisfy(isCoverOrNull(object, bytes));
  });

  it("lists the parts that an upload holds, and finds it by its key alone", async () => {
    const bodies = [nextBytes(mover.store.limits.minPartBytes), nextBytes(5)];
    const { upload, parts } = await mover.upload("found", bodies);
    const neighbour = await mover.store.openUpload("found-too", { partSizeBytes: 1 }, never);
    expect(await allParts(mover.store, upload)).toEqual(parts.map((part) => sameAs(part)));
    expect(await mover.store.findUploads("found", never)).toMatchObject([upload]);
    await mover.store.abort(upload, never);
    await mover.store.abort(neighbour, never);
  });

  it("forgets an upload that was aborted, also twice", async () => {
    const bodies = [nextBytes(3)];
    const { upload, parts } = await mover.upload("aborted", bodies);
    await mover.store.abort(upload, never);
    await mover.store.abort(upload, never);
    const gone = { code: "upload-gone" };
    await expect(mover.store.listParts(upload, null, never)).rejects.toMatchObject(gone);
    await expect(mover.putPart(upload, 1, nextBytes(3))).rejects.toMatchObject(gone);
    await expect(mover.complete({ upload, parts }, ANY)).rejects.toMatchObject(gone);
    expect(await mover.store.findUploads("aborted", never)).toEqual([]);
  });

  it("keeps a condition when an upload completes", async () => {
    await mover.put("taken", nextBytes(3));
    const upload = await mover.upload("taken", [nextBytes(4)]);
    const late = mover.complete(upload, { kind: "absent" });
    await expect(late).rejects.toMatchObject({ code: "conflict" });
    expect(await mover.store.stat("taken", never)).toMatchObject({ sizeBytes: 3 });
    await mover.store.abort(upload.upload, never);
  });
}

function describeNames(mover: StoreMover): void {
  it.each(KEY_ZOO)("takes %j as a key like any other", async (key) => {
    const bytes = Buffer.from(key);
    await mover.put(key, bytes);
    const object = await mover.store.stat(key, never);
    expect(await mover.get(object)).toEqual(bytes);
    const page = await mover.store.list({ ...EVERYTHING, prefix: key }, never);
    expect(page.objects.map((each) => each.key)).toContain(key);
    const upload = await mover.store.openUpload(key, { partSizeBytes: 1 }, never);
    expect(await mover.store.findUploads(key, never)).toMatchObject([upload]);
    expect(await mover.store.listParts(upload, null, never)).toEqual({ parts: [], cursor: null });
    await mover.store.abort(upload, never);
    await mover.store.remove(key, never);
  });

  it("lists pages in key order, and folds what lies deeper", async () => {
    const keys = ["p/a", "p/b/1", "p/b/2", "p/c", "p/c/", "p/é", "p/😀", "p/\u{FFFD}"];
    for (const key of keys) await mover.put(key, nextBytes(1));
    const inOrder = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await listed(mover.store, { ...EVERYTHING, prefix: "p/", limit: 3 })).toEqual(inOrder);
    const folded = await listed(mover.store, {
      ...EVERYTHING,
      prefix: "p/",
      isFolded: true,
      limit: 2,
    });
    const expected = ["p/a", "p/b/", "p/c", "p/c/", "p/é", "p/\u{FFFD}", "p/😀"];
    expect(folded).toEqual(expected);
  });

  it("lists only what comes after a name, on the pages that follow, too", async () => {
    for (const key of ["q/1", "q/2", "q/3", "q/é"]) await mover.put(key, nextBytes(1));
    const query = { ...EVERYTHING, prefix: "q/", startAfter: "q/1~", limit: 1 };
    expect(await listed(mover.store, query)).toEqual(["q/2", "q/3", "q/é"]);
  });

  it("asks nothing of the server once canceled", async () => {
    const canceled = AbortSignal.abort();
    const aborted = { name: "AbortError" };
    await expect(mover.store.stat("x", canceled)).rejects.toMatchObject(aborted);
    await expect(mover.store.list(EVERYTHING, canceled)).rejects.toMatchObject(aborted);
    const upload = mover.store.openUpload("canceled", { partSizeBytes: 1 }, canceled);
    await expect(upload).rejects.toMatchObject(aborted);
    expect(await mover.store.findUploads("canceled", never)).toEqual([]);
  });
}

const EVERYTHING = { prefix: "", isFolded: false, cursor: null, limit: 1000 } as const;

/** Keys that something between a program and a server likes to change. */
const KEY_ZOO = [
  "plain",
  "two//slashes",
  "/leading",
  "trailing/",
  "dots/../up",
  "./dot/./dot",
  "..",
  "trailing space ",
  " leading space",
  "plus+and space",
  "percent%2Fencoded%",
  "query?and#fragment",
  "amp&semi;<angle>\"quotes'",
  "unreserved-._~ reserved !$&'()*+,;=:@",
  "back\\slash|pipe^caret`tick{brace}[bracket]",
  "tab\tand\nline\rfeeds",
  "control\u0001\u001F\u007F",
  "ümlaut-e\u0301-é",
  "漢字/かな",
  "emoji-😀-👩‍👩‍👧",
  "\u202Eright-to-left",
];

async function allParts(store: Store, upload: UploadRef): Promise<StoredPart[]> {
  const parts: StoredPart[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.listParts(upload, cursor, never);
    parts.push(...page.parts);
    cursor = page.cursor;
  } while (cursor !== null);
  return parts;
}

/** Keys and prefixes of all pages, as the pages have them. */
async function listed(store: Store, query: Parameters<Store["list"]>[0]): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.list({ ...query, cursor }, never);
    expect(page.objects.length + page.prefixes.length).toBeLessThanOrEqual(query.limit);
    const pageNames = [...page.objects.map(({ key }) => key), ...page.prefixes];
    names.push(...pageNames.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    cursor = page.cursor;
  } while (cursor !== null);
  return names;
}

/** A store that keeps digests of parts has this one, another has none. */
function sameAs(part: StoredPart): unknown {
  return {
    ...part,
    sha256: expect.toSatisfy((sha256) => sha256 === part.sha256 || sha256 === null),
  };
}

function isCoverOrNull(object: ObjectInfo, bytes: Buffer) {
  return (pieces: Awaited<ReturnType<Store["pieces"]>>): boolean => {
    if (!pieces) return true;
    const digests = pieces.map(({ start, end }) => sha256Of(bytes.subarray(start, end)));
    const isWhole = pieces.at(0)?.start === 0 && pieces.at(-1)?.end === object.sizeBytes;
    return isWhole && pieces.every(({ sha256 }, index) => sha256 === digests[index]);
  };
}
