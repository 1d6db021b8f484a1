import { hash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { cutBuffer, FakeStore } from "./fake-store.ts";
import { compositeEtag, findOurs, unquoted } from "./find-ours.ts";

const never = new AbortController().signal;
const bytes = Buffer.from("twenty-five bytes of data");
const md5 = (part: Buffer): string => `"${hash("md5", part)}"`;

let store: FakeStore;
beforeEach(() => {
  store = new FakeStore();
});

function markOf(content: Buffer, etag?: string) {
  let end = 0;
  const pieces = cutBuffer(content, 10).map((part) => {
    end += part.length;
    return { end, sha256: hash("sha256", part) };
  });
  return { etag, pieces };
}

describe("findOurs", () => {
  it("knows an object by the ETag of its parts", async () => {
    const object = store.seed("k", bytes, 10);
    store.isSha256Kept = false;
    const mark = markOf(bytes, compositeEtag(cutBuffer(bytes, 10).map(md5)));
    expect(await findOurs(store, "k", mark, never)).toEqual(object);
  });

  it("knows it by the digests of its pieces where ETags say nothing", async () => {
    store.isEtagOpaque = true;
    const object = store.seed("k", bytes, 10);
    expect(await findOurs(store, "k", markOf(bytes), never)).toEqual(object);
  });

  it.each([
    ["has other bytes", Buffer.from("twenty-five bytes of DATA"), 10],
    ["has another size", Buffer.from("shorter"), 10],
    ["was cut otherwise", bytes, 5],
  ])("takes none for ours that %s", async (_, content, partBytes) => {
    store.seed("k", content, partBytes);
    expect(await findOurs(store, "k", markOf(bytes), never)).toBeUndefined();
  });

  it("finds nothing where nothing is, and nothing that cannot be proven", async () => {
    expect(await findOurs(store, "k", markOf(bytes), never)).toBeUndefined();
    store.isEtagOpaque = true;
    store.seed("k", bytes, 10);
    store.isSha256Kept = false;
    expect(await findOurs(store, "k", markOf(bytes), never)).toBeUndefined();
  });

  it("does not take a store that cannot answer for one without the object", async () => {
    store.before = () => {
      throw new LonghaulError("unreachable", "x");
    };
    await expect(findOurs(store, "k", markOf(bytes), never)).rejects.toMatchObject({
      code: "unreachable",
    });
  });
});

describe("compositeEtag", () => {
  it("is what S3 makes of parts", () => {
    const parts = cutBuffer(bytes, 10);
    const digests = Buffer.concat(parts.map((part) => hash("md5", part, "buffer")));
    expect(compositeEtag(parts.map(md5))).toBe(`${hash("md5", digests)}-3`);
  });

  it("is unknown where an ETag is no MD5", () => {
    expect(compositeEtag([md5(bytes), '"opaque"'])).toBeUndefined();
  });
});

describe("unquoted", () => {
  it.each([
    ['"abc"', "abc"],
    ["abc", "abc"],
  ])("of %s is %s", (etag, expected) => {
    expect(unquoted(etag)).toBe(expected);
  });
});
