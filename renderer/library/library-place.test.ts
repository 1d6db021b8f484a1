import { describe, expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { crumbsOf, lastPart, parentOf, parseAddress } from "./library-place.ts";

const profileId = ProfileId.parse("company");

describe("the way to a place", () => {
  it("names profile, bucket and every prefix", () => {
    const crumbs = crumbsOf({ profileId, bucket: "data", prefix: "a/b c/" }, "Company");
    expect(crumbs.map((crumb) => `${crumb.kind} ${crumb.label} ${crumb.place.prefix}`)).toEqual([
      "profile Company ",
      "bucket data ",
      "prefix a a/",
      "prefix b c a/b c/",
    ]);
  });

  it("keeps prefixes without a name apart", () => {
    const crumbs = crumbsOf({ profileId, bucket: "data", prefix: "a//" }, "Company");
    expect(crumbs.map((crumb) => crumb.place.prefix)).toEqual(["", "", "a/", "a//"]);
  });

  it.each([
    ["a prefix", "data", "a/b/", { bucket: "data", prefix: "a/" }],
    ["a first prefix", "data", "a/", { bucket: "data", prefix: "" }],
    ["a bucket", "data", "", { bucket: "", prefix: "" }],
  ])("goes up from %s", (_name, bucket, prefix, expected) => {
    expect(parentOf({ profileId, bucket, prefix })).toEqual({ profileId, ...expected });
  });

  it("goes no further up than a profile", () => {
    expect(parentOf({ profileId, bucket: "", prefix: "" })).toBeUndefined();
  });
});

it.each([
  ["models/a.gguf", "a.gguf"],
  ["models/llama/", "llama"],
  ["plain", "plain"],
  ["a//", "a//"],
])("calls %s %s", (key, name) => {
  expect(lastPart(key)).toBe(name);
});

it.each([
  ["s3://data/a/b.bin", { bucket: "data", prefix: "a/", name: "b.bin" }],
  ["  s3://data/a/ ", { bucket: "data", prefix: "a/", name: "" }],
  ["S3://data", { bucket: "data", prefix: "", name: "" }],
  ["s3://data/", { bucket: "data", prefix: "", name: "" }],
  ["s3://data/file with spaces", { bucket: "data", prefix: "", name: "file with spaces" }],
])("reads the address %s", (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

it.each(["data/a", "https://data/a", "s3://", "s3:///key", ""])(
  "takes %j for no address",
  (text) => {
    expect(parseAddress(text)).toBeUndefined();
  },
);
