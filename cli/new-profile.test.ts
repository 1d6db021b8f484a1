import { expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { makeNewProfile, NewProfileFlags } from "./new-profile.ts";

const id = ProfileId.parse("p1");
const make = (flags: object) => makeNewProfile("Lab", NewProfileFlags.parse(flags), id);

it("needs only where the keys are", () => {
  expect(make({ environment: true })).toEqual({
    id: "p1",
    name: "Lab",
    preset: "aws",
    endpoint: { kind: "aws" },
    region: "us-east-1",
    addressing: "auto",
    bucket: null,
    credentials: { kind: "environment" },
    partSizeBytes: null,
    connections: null,
  });
});

it("takes an own endpoint with a key whose secret comes on standard input", () => {
  const flags = { endpointUrl: "https://minio.lab:9000", accessKeyId: "AK", secretStdin: true };
  expect(make(flags)).toMatchObject({
    preset: "custom",
    endpoint: { kind: "url", url: "https://minio.lab:9000" },
    credentials: { kind: "stored", accessKeyId: "AK" },
  });
});

it("takes what the endpoint's certificate is believed by", () => {
  const pinCertificate = "AB:".repeat(31) + "AB";
  const flags = { environment: true, endpointUrl: "https://minio.lab", pinCertificate };
  expect(make({ ...flags, caFile: "/etc/ca.pem" }).trust).toEqual({
    caFile: "/etc/ca.pem",
    pinnedSha256: "ab".repeat(32),
  });
});

it.each([
  {},
  { environment: true, anonymous: true },
  { accessKeyId: "AK" },
  { awsProfile: "work", secretStdin: true },
  { environment: true, endpointUrl: "minio.lab" },
  { environment: true, endpointUrl: "https://AK:canary@minio.lab" },
  { environment: true, endpointUrl: "https://minio.lab/?X-Amz-Signature=canary" },
  { environment: true, partSize: 1000 },
  { environment: true, pinCertificate: "ab:cd" },
])("refuses %j", (flags) => {
  const refusal = { code: "invalid", message: expect.not.stringMatching(/canary|✖|\n/) };
  expect(() => make(flags)).toThrow(expect.objectContaining(refusal));
});
