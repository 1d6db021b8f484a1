import { describe, expect, it } from "vitest";
import type { ProfileId } from "#shared/profile.ts";
import type { BucketList } from "../state/bucket-store.ts";
import { fakeProfiles } from "../fixture/fake-places.ts";
import { bucketNode, profileLines, readNode } from "./profile-lines.ts";

const profiles = await fakeProfiles["profile.list"]();
const company = profiles[0]?.profile.id ?? ("" as ProfileId);

function labels(list: BucketList | undefined, open: readonly string[] = ["company"]) {
  const buckets = new Map(list ? [[company, list]] : []);
  return profileLines(profiles.slice(0, 2), buckets, new Set(open)).map(({ level, label }) =>
    level === 1 ? label : `  ${label}`,
  );
}

describe("the tree", () => {
  it("shows buckets below an open profile only", () => {
    const list: BucketList = { phase: "ready", buckets: ["models", "data"] };
    expect(labels(list)).toEqual(["company", "  models", "  data", "lab-minio"]);
    expect(labels(list, [])).toEqual(["company", "lab-minio"]);
  });

  it.each<[BucketList | undefined, string]>([
    [undefined, "  Looking…"],
    [{ phase: "loading" }, "  Looking…"],
    [{ phase: "ready", buckets: [] }, "  No buckets"],
  ])("says in the buckets' place what is the case (%j)", (list, line) => {
    expect(labels(list)[1]).toBe(line);
  });

  it("says why buckets cannot be listed", () => {
    const error = { code: "access-denied", message: "", details: { profile: "company" } } as const;
    expect(labels({ phase: "failed", error })[1]).toContain("company");
  });
});

describe("a line's value", () => {
  it("is read back as the place it stands for", () => {
    expect(readNode(bucketNode(company, "models"))).toEqual({
      profileId: "company",
      bucket: "models",
      prefix: "",
    });
  });

  it("is no place for a profile, nor for a line that stands in for buckets", () => {
    expect(readNode("company")).toBeNull();
    expect(readNode("company/")).toBeNull();
  });
});
