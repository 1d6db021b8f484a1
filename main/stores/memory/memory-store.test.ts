import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CompleteOrder } from "../store.ts";
import { MemoryBucket } from "./memory-bucket.ts";
import { MemoryStore } from "./memory-store.ts";
import type { MemoryStoreOptions } from "./memory-store.ts";

const never = new AbortController().signal;

function storeOf(more: Partial<MemoryStoreOptions> = {}) {
  const bucket = new MemoryBucket(() => 1_000_000);
  const store = new MemoryStore({ bucket, origin: "http://face", ...more });
  return { bucket, store };
}

function md5(data: string | Buffer): Buffer {
  return createHash("md5").update(data).digest();
}

/** Two parts, `one` and `two`, under the key `k`. */
async function completed(store: MemoryStore, bucket: MemoryBucket) {
  const upload = await store.openUpload("k", { partSizeBytes: 3 }, never);
  const parts = ["one", "two"].map((text, index) =>
    bucket.putPart(upload.uploadId, index + 1, Buffer.from(text)),
  );
  const order: CompleteOrder = { upload, parts, condition: { kind: "any" }, sizeBytes: 6 };
  return store.complete(order, never);
}

describe("a bucket in memory", () => {
  it("makes ETags as S3 does, so that they can be proven", async () => {
    const { bucket, store } = storeOf();
    bucket.put("single", Buffer.from("abc"), { kind: "any" });
    const single = await store.stat("single", never);
    expect(single.etag).toBe(`"${md5("abc").toString("hex")}"`);
    const { etag } = await completed(store, bucket);
    const composite = md5(Buffer.concat([md5("one"), md5("two")])).toString("hex");
    expect(etag).toBe(`"${composite}-2"`);
  });

  it("takes a part again in the place of the first", async () => {
    const { bucket, store } = storeOf();
    const upload = await store.openUpload("k", { partSizeBytes: 3 }, never);
    bucket.putPart(upload.uploadId, 1, Buffer.from("old"));
    const part = bucket.putPart(upload.uploadId, 1, Buffer.from("new"));
    const { parts } = await store.listParts(upload, null, never);
    expect(parts.map(({ etag }) => etag)).toEqual([part.etag]);
  });

  it("does not complete parts that it does not hold as they are named", async () => {
    const { bucket, store } = storeOf();
    const upload = await store.openUpload("k", { partSizeBytes: 3 }, never);
    const part = bucket.putPart(upload.uploadId, 1, Buffer.from("abc"));
    const order = { upload, condition: { kind: "any" } as const, sizeBytes: 3 };
    const other = { ...order, parts: [{ ...part, etag: '"other"' }] };
    await expect(store.complete(other, never)).rejects.toMatchObject({ code: "upload-gone" });
    await store.complete({ ...order, parts: [part] }, never);
    expect(await store.stat("k", never)).toMatchObject({ sizeBytes: 3 });
  });

  it("lists unfinished uploads oldest first", async () => {
    const { store } = storeOf();
    const first = await store.openUpload("k", { partSizeBytes: 1 }, never);
    const second = await store.openUpload("k", { partSizeBytes: 1 }, never);
    const found = await store.findUploads("k", never);
    expect(found.map(({ uploadId }) => uploadId)).toEqual([first.uploadId, second.uploadId]);
  });
});

describe("an origin in memory", () => {
  it("has pieces, or is told to have none", async () => {
    for (const keepsSha256 of [true, false]) {
      const { bucket, store } = storeOf({ keepsSha256 });
      const { isSha256Kept } = await completed(store, bucket);
      const pieces = await store.pieces(await store.stat("k", never), never);
      expect(isSha256Kept).toBe(keepsSha256);
      expect(pieces?.map(({ start, end }) => [start, end]) ?? null).toEqual(
        keepsSha256
          ? [
              [0, 3],
              [3, 6],
            ]
          : null,
      );
    }
  });

  it("notices that the object it is asked about was replaced", async () => {
    const { bucket, store } = storeOf();
    bucket.put("k", Buffer.from("old"), { kind: "any" });
    const old = await store.stat("k", never);
    bucket.put("k", Buffer.from("new"), { kind: "any" });
    const changed = { code: "object-changed" };
    await expect(store.pieces(old, never)).rejects.toMatchObject(changed);
    await expect(store.uploadedPartBytes(old, never)).rejects.toMatchObject(changed);
  });

  it("signs for its face, with the digest of what is sent", async () => {
    const { store } = storeOf();
    const { request } = await store.sign(
      {
        kind: "put",
        key: "a/é",
        sizeBytes: 3,
        sha256: "00ff",
        condition: { kind: "same", etag: '"e"' },
      },
      never,
    );
    expect(request).toEqual({
      method: "PUT",
      url: "http://face/object?key=a%2F%C3%A9",
      headers: { "x-memory-sha256": "00ff", "if-match": '"e"' },
    });
  });
});
