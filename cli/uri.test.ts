import { expect, it } from "vitest";
import { formatAddress, isPrefix, parseAddress } from "./uri.ts";

it.each([
  ["tree/a.bin", { kind: "local", path: "tree/a.bin" }],
  ["./s3:odd", { kind: "local", path: "./s3:odd" }],
  ["C:\\data\\x", { kind: "local", path: "C:\\data\\x" }],
  ["s3://lab", { kind: "s3", bucket: "lab", key: "" }],
  ["s3://lab/", { kind: "s3", bucket: "lab", key: "" }],
  ["S3://lab/a/b.bin", { kind: "s3", bucket: "lab", key: "a/b.bin" }],
  ["s3://lab/a/b/", { kind: "s3", bucket: "lab", key: "a/b/" }],
  ["s3://lab//a%20b/../c ", { kind: "s3", bucket: "lab", key: "/a%20b/../c " }],
  ["s3://lab/new\nline", { kind: "s3", bucket: "lab", key: "new\nline" }],
])("reads %j and leaves the key as it is", (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

it.each([
  ["", "invalid"],
  ["-", "unsupported"],
  ["s3://", "invalid"],
  ["s3:///key", "invalid"],
  ["s3://user@bucket/key", "invalid"],
  ["oci://registry/repo:tag", "unsupported"],
  ["ssh://host/path", "unsupported"],
  ["gs://bucket/key", "invalid"],
  ["a\0b", "invalid"],
])("refuses %j", (text, code) => {
  expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code }));
});

it("writes an address as it was read", () => {
  for (const text of ["s3://lab/a//b", "s3://lab/", "some/path"]) {
    expect(formatAddress(parseAddress(text))).toBe(text);
  }
});

it("tells a prefix from an object by its last character", () => {
  const isPrefixText = (text: string) => {
    const address = parseAddress(text);
    return address.kind === "s3" && isPrefix(address);
  };
  expect(["s3://b", "s3://b/p/", "s3://b/p", "s3://b/p/k"].map(isPrefixText)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
