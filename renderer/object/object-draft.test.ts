import { describe, expect, it } from "vitest";
import { choiceWords, EMPTY_OBJECT_DRAFT, objectDraftOf, readObjectDraft } from "./object-draft.ts";

const full = {
  object: {
    contentType: "text/plain",
    cacheControl: "max-age=60",
    storageClass: "STANDARD_IA",
    encryption: { kind: "kms", keyId: "arn:aws:kms:key/1" },
    metadata: { team: "Ink" },
    tags: { Cost: "a=b", Env: "" },
    preserveMode: true,
  },
  access: { expectedBucketOwner: "123456789012", requesterPays: true },
} as const;

describe("options of objects as they are typed", () => {
  it("come back as they were kept", () => {
    expect(readObjectDraft(objectDraftOf(full))).toEqual({ ok: true, choice: full });
  });

  it("say nothing while nothing is typed", () => {
    expect(readObjectDraft(EMPTY_OBJECT_DRAFT)).toEqual({
      ok: true,
      choice: { object: undefined, access: undefined },
    });
    expect(objectDraftOf({})).toEqual(EMPTY_OBJECT_DRAFT);
  });

  it("take names of metadata in any case, values as they are, and empty lines", () => {
    const draft = { ...EMPTY_OBJECT_DRAFT, metadata: "Team=Ink\n\n owner = Mira " };
    expect(readObjectDraft(draft)).toMatchObject({
      ok: true,
      choice: { object: { metadata: { team: "Ink", owner: "Mira" } } },
    });
  });

  it.each([
    ["contentType", { contentType: "text/plain\u00e9" }],
    ["storageClass", { storageClass: "glacier" }],
    ["kmsKeyId", { encryption: "kms", kmsKeyId: "key\u00e9" }],
    ["metadata", { metadata: "no pair" }],
    ["metadata", { metadata: "a=1\nA=2" }],
    ["metadata", { metadata: "longhaul-part-size=1" }],
    [
      "metadata",
      { metadata: `a=${"x".repeat(1000)}\nb=${"x".repeat(1000)}\nc=${"x".repeat(100)}` },
    ],
    ["tags", { tags: Array.from({ length: 11 }, (_none, at) => `t${at}=x`).join("\n") }],
    ["expectedBucketOwner", { expectedBucketOwner: "not an account!" }],
  ] as const)("says what is wrong with %s", (field, change) => {
    const read = readObjectDraft({ ...EMPTY_OBJECT_DRAFT, ...change });
    expect(read.ok ? [] : Object.keys(read.problems)).toEqual([field]);
    expect(read.ok ? "" : read.problems[field]).toMatch(/\.$/);
  });

  it("are told in a few words", () => {
    expect(choiceWords(full)).toBe(
      "text/plain, max-age=60, STANDARD_IA, a KMS key, 1 of metadata, 2 tags, permissions, owner 123456789012, requester pays",
    );
    expect(choiceWords({})).toBe("");
  });
});
