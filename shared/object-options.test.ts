import { describe, expect, it } from "vitest";
import { BucketAccess, mergeObjectOptions, ObjectOptions } from "./object-options.ts";

describe("object options", () => {
  it.each([
    ["a line break in a header", { cacheControl: "no-store\r\nx-evil: 1" }],
    ["a space at the end, which a signature would lose", { contentType: "text/plain " }],
    ["letters that a header does not carry", { metadata: { who: "Ägir" } }],
    ["a metadata name with a space", { metadata: { "a b": "1" } }],
    ["Longhaul's own metadata", { metadata: { "longhaul-part-size": "1" } }],
    [
      "more than 2 KB of metadata",
      { metadata: { a: "x".repeat(1000), b: "x".repeat(1010), c: "x".repeat(40) } },
    ],
    [
      "eleven tags",
      { tags: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`t${n}`, ""])) },
    ],
    ["a storage class in small letters", { storageClass: "glacier" }],
  ])("refuses %s", (_, given) => {
    expect(ObjectOptions.safeParse(given).success).toBe(false);
  });

  it("takes what S3 takes", () => {
    const options = {
      contentType: "application/x-tar; charset=binary",
      cacheControl: "max-age=60",
      metadata: { "run-id": "7 of 9" },
      tags: { Größe: "groß" },
      storageClass: "STANDARD_IA",
      encryption: { kind: "kms", keyId: "arn:aws:kms:eu-central-1:123456789012:key/ab" },
    };
    expect(ObjectOptions.parse(options)).toEqual(options);
    expect(BucketAccess.parse({ expectedBucketOwner: "123456789012" })).toBeDefined();
  });

  it("lets a transfer's own options win over its profile's, tag by tag", () => {
    const defaults: ObjectOptions = {
      storageClass: "STANDARD_IA",
      tags: { team: "vision", tier: "cold" },
      metadata: { by: "lab" },
    };
    expect(
      mergeObjectOptions(defaults, { storageClass: "STANDARD", tags: { tier: "hot" } }),
    ).toEqual({
      storageClass: "STANDARD",
      tags: { team: "vision", tier: "hot" },
      metadata: { by: "lab" },
    });
    expect(mergeObjectOptions(undefined, undefined)).toEqual({});
  });
});
