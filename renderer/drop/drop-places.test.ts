import { expect, it } from "vitest";
import type { ProfileView } from "#shared/contract.ts";
import { Profile, ProfileId } from "#shared/profile.ts";
import { dropPlaces, firstDestination } from "./drop-places.ts";

const company = ProfileId.parse("company");
const gone = ProfileId.parse("gone");

function viewOf(change: Partial<Profile>): ProfileView {
  const profile = Profile.parse({
    id: company,
    name: "Company",
    preset: "aws",
    endpoint: { kind: "aws" },
    region: "eu-1",
    addressing: "auto",
    bucket: null,
    credentials: { kind: "environment" },
    partSizeBytes: null,
    connections: null,
    ...change,
  });
  return { profile, problem: null };
}

const profiles = [viewOf({})];
const at = (bucket: string, prefix = "", profileId = company) => ({ profileId, bucket, prefix });

it("offers the open place first, and every place once", () => {
  const open = at("data", "a/");
  const places = dropPlaces(open, [at("checkpoints"), at("data", "a/")], profiles);
  expect(places.map((place) => `${place.name}: ${place.path}`)).toEqual([
    "data: a/, open in the Library",
    "checkpoints: top level",
  ]);
});

it("leaves out places of removed profiles and a profile's list of buckets", () => {
  expect(dropPlaces(at(""), [at("old", "", gone)], profiles)).toEqual([]);
});

it("offers the only bucket of a profile, and says when it cannot be used", () => {
  const problem = { code: "credentials-expired", message: "", details: {} } as const;
  const [place] = dropPlaces(null, [], [{ ...viewOf({ bucket: "one" }), problem }]);
  expect(place).toMatchObject({ name: "one", kind: "closed", note: "Company cannot be used now" });
});

it("opens the sheet with the place on screen, the last one, or the first profile", () => {
  expect(firstDestination(at("data"), [at("b")], profiles)).toEqual(at("data"));
  expect(firstDestination(null, [at("old", "", gone), at("b")], profiles)).toEqual(at("b"));
  expect(firstDestination(null, [], profiles)).toEqual(at(""));
  expect(firstDestination(null, [], [])).toBeNull();
});
