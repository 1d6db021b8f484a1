import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { anyText } from "../testing/any-text.ts";
import { parseTarget, percentDecode, percentEncode, percentEncodePath } from "./target.ts";

describe("parseTarget", () => {
  it.each([
    ["/", "", ""],
    ["/b", "b", ""],
    ["/b/", "b", ""],
    ["/b/k", "b", "k"],
    ["/b//k/", "b", "/k/"],
    ["/b/../../etc/passwd", "b", "../../etc/passwd"],
    ["/b/a%2Fb+c%20d%C3%BC", "b", "a/b+c dü"],
    ["/b/%EF%BB%BFk", "b", "\uFEFFk"],
    ["/b/%00%01", "b", "\u0000\u0001"],
  ])("takes %s apart and changes nothing in the key", (url, bucket, key) => {
    expect(parseTarget(url)).toMatchObject({ bucket, key, query: [] });
  });

  it("decodes the query in order, plus as space", () => {
    expect(parseTarget("/b?prefix=a+b%2B&uploads&x=1=2&").query).toEqual([
      ["prefix", "a b+"],
      ["uploads", ""],
      ["x", "1=2"],
    ]);
  });

  it.each(["/b/%", "/b/%2", "/b/%zz", "/b/%FF", "/b/%C3", "http://host/b", "*"])(
    "refuses %s",
    (url) => {
      expect(() => parseTarget(url)).toThrow(expect.objectContaining({ code: "InvalidURI" }));
    },
  );
});

describe("percentEncode", () => {
  it("is undone by percentDecode, for any text", () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(percentDecode(percentEncode(text))).toBe(text);
        expect(percentDecode(percentEncodePath(text))).toBe(text);
      }),
    );
  });

  it("leaves only RFC 3986's unreserved characters", () => {
    expect(percentEncode("aZ0-._~!'()*/ +ü")).toBe("aZ0-._~%21%27%28%29%2A%2F%20%2B%C3%BC");
  });
});
