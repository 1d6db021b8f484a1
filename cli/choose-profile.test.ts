import { expect, it } from "vitest";
import { Profile } from "#shared/profile.ts";
import { chooseProfile } from "./choose-profile.ts";

const lab = Profile.parse({
  id: "p1",
  name: "Lab",
  preset: "minio",
  endpoint: { kind: "url", url: "https://minio.lab:9000" },
  region: "lab-1",
  addressing: "auto",
  bucket: null,
  credentials: { kind: "stored", accessKeyId: "AK" },
  partSizeBytes: null,
  connections: null,
});
const none = { profile: null, endpointUrl: null, region: null };
const nothing = { region: null, endpointUrl: null, addressing: "auto" } as const;

it("takes a saved profile by name or id", () => {
  for (const name of ["Lab", "p1"]) {
    expect(chooseProfile({ ...none, profile: name }, [lab], [], nothing)).toEqual({
      profile: lab,
      isAdHoc: false,
    });
  }
});

it("does as the AWS tools do when nothing is named", () => {
  const { profile, isAdHoc } = chooseProfile(none, [lab], [], nothing);
  expect(isAdHoc).toBe(true);
  expect(Profile.parse(profile)).toMatchObject({
    endpoint: { kind: "aws" },
    region: "us-east-1",
    credentials: { kind: "environment" },
  });
});

it("lets a flag win over a variable, and a variable over nothing", () => {
  const aws = { ...nothing, region: "eu-1", endpointUrl: "http://127.0.0.1:9000" };
  const fromAws = chooseProfile(none, [], [], aws).profile;
  expect(fromAws).toMatchObject({
    region: "eu-1",
    endpoint: { kind: "url", url: aws.endpointUrl },
  });
  const flags = { ...none, endpointUrl: "https://other:1", region: "us-2" };
  expect(chooseProfile(flags, [], [], aws).profile).toMatchObject({
    region: "us-2",
    endpoint: { url: "https://other:1" },
  });
});

it("takes a profile of the AWS files by name", () => {
  const { profile } = chooseProfile({ ...none, profile: "work" }, [lab], ["work"], nothing);
  expect(profile.credentials).toEqual({ kind: "aws-profile", profileName: "work" });
});

it("gives the same place and keys the same id, and other ones another", () => {
  const idFor = (url: string) =>
    chooseProfile({ ...none, endpointUrl: url }, [], [], nothing).profile.id;
  expect(idFor("http://a:1")).toBe(idFor("http://a:1"));
  expect(idFor("http://a:1")).not.toBe(idFor("http://a:2"));
});

it.each([
  [{ ...none, profile: "nobody" }, "profile-missing"],
  [{ ...none, profile: "Lab", endpointUrl: "http://elsewhere" }, "invalid"],
  [{ ...none, endpointUrl: "minio.lab:9000" }, "invalid"],
  [{ ...none, endpointUrl: "https://key:secret@minio.lab" }, "invalid"],
])("refuses %j", (flags, code) => {
  const choose = () => chooseProfile(flags, [lab], [], nothing);
  expect(choose).toThrow(expect.objectContaining({ code }));
  expect(choose).not.toThrow(/secret@/);
});
