import { createHash } from "node:crypto";
import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { compareKeys } from "../key-order.ts";
import type { StoredPart } from "../store.ts";
import { decodeName, isEtagOfParts, partCountOf, quoteEtag, sha256FromBase64 } from "./s3-names.ts";

describe("names in listings", () => {
  it.each([
    ["a%20b%2Bc", "a b+c"],
    ["a+b", "a b"],
    ["%01/%F0%9F%98%80", "\u0001/😀"],
    ["plain/-._", "plain/-._"],
  ])("decodes %s", (listed, name) => {
    expect(decodeName(listed, "url")).toBe(name);
  });

  it("leaves names alone that the server did not encode", () => {
    expect(decodeName("a%20b+c", undefined)).toBe("a%20b+c");
  });

  it("calls an escape that is none a broken answer", () => {
    expect(() => decodeName("50%", "url")).toThrow(expect.objectContaining({ code: "protocol" }));
  });

  it("gives back every key that was encoded", () => {
    assert(
      property(
        string({ unit: "grapheme" }),
        (key) => decodeName(encodeURIComponent(key), "url") === key,
      ),
    );
  });

  it("are in the order of their bytes, not of JavaScript's strings", () => {
    expect(["\u{FFFD}", "😀", "a"].toSorted(compareKeys)).toEqual(["a", "\u{FFFD}", "😀"]);
  });
});

describe("ETags", () => {
  it.each([
    ['"d41d8cd98f00b204e9800998ecf8427e"', null],
    ['"d41d8cd98f00b204e9800998ecf8427e-12"', 12],
    ["d41d8cd98f00b204e9800998ecf8427e-2", 2],
    ['W/"abc"', null],
    ['"a-b"', null],
  ])("%s was uploaded in %s parts", (etag, count) => {
    expect(partCountOf(etag)).toBe(count);
  });

  it("get the quotes that a listing left out", () => {
    expect(["abc", '"abc"', 'W/"abc"'].map(quoteEtag)).toEqual(['"abc"', '"abc"', 'W/"abc"']);
  });

  const md5 = (data: string | Buffer) => createHash("md5").update(data).digest();
  const parts = ["one", "two"].map((text, index): StoredPart => {
    return {
      number: index + 1,
      sizeBytes: 3,
      etag: `"${md5(text).toString("hex")}"`,
      sha256: null,
    };
  });
  const composite = md5(Buffer.concat([md5("one"), md5("two")])).toString("hex");

  it("of an object prove its parts", () => {
    expect(isEtagOfParts(`"${composite}-2"`, parts)).toBe(true);
    expect(isEtagOfParts(`"${composite}-3"`, parts)).toBe(false);
    expect(isEtagOfParts(`"${md5("other").toString("hex")}-2"`, parts)).toBe(false);
  });

  it("that are no MD5 prove their number alone", () => {
    const opaque = parts.map((part) => ({ ...part, etag: '"opaque"' }));
    expect(isEtagOfParts('"anything-2"', opaque)).toBe(true);
    expect(isEtagOfParts('"anything"', opaque)).toBe(false);
  });
});

describe("SHA-256 in base64", () => {
  const digest = createHash("sha256").update("x").digest();

  it("is read as hex", () => {
    expect(sha256FromBase64(digest.toString("base64"))).toBe(digest.toString("hex"));
  });

  it.each([undefined, "", "AAAA", `${digest.toString("base64")}-3`, "not base64 at all!"])(
    "is not %s",
    (value) => {
      expect(sha256FromBase64(value)).toBeNull();
    },
  );
});
