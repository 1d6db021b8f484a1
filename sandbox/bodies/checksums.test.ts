import { describe, expect, it } from "vitest";

import { compositeChecksum, createDigester, findClaim } from "./checksums.ts";

describe("createDigester", () => {
  it.each([
    ["CRC32", "cbf43926"],
    ["CRC32C", "e3069283"],
    ["CRC64NVME", "ae8b14860a799888"],
    ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
  ] as const)("gives the catalogue's check value of %s", async (algorithm, expected) => {
    const digester = await createDigester(algorithm);
    digester.update(Buffer.from("1234"));
    digester.update(Buffer.from("56789"));
    expect(digester.digest().toString("hex")).toBe(expected);
  });
});

describe("findClaim", () => {
  it.each([
    [{}, undefined],
    [{ "x-amz-checksum-mode": "ENABLED" }, undefined],
    [{ "x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "COMPOSITE" }, undefined],
    [{ "x-amz-checksum-crc32": "AAAAAA==" }, { algorithm: "CRC32", value: "AAAAAA==" }],
    [{ "x-amz-trailer": "x-amz-checksum-crc64nvme" }, { algorithm: "CRC64NVME", value: undefined }],
  ])("reads %j", (headers, expected) => {
    expect(findClaim(new Map(Object.entries(headers)))).toEqual(expected);
  });

  it.each([
    ["two at once", { "x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-crc32c": "AAAAAA==" }],
    [
      "a header and a trailer",
      {
        "x-amz-checksum-crc32": "AAAAAA==",
        "x-amz-trailer": "x-amz-checksum-crc32",
      },
    ],
    ["a value of the wrong length", { "x-amz-checksum-sha256": "AAAAAA==" }],
    ["a value that is not base64", { "x-amz-checksum-crc32": "?" }],
    ["an algorithm it does not compute", { "x-amz-checksum-xxhash": "AAAA" }],
  ])("refuses %s", (_title, headers) => {
    const pairs = Object.entries<string>(headers);
    expect(() => findClaim(new Map(pairs))).toThrow(
      expect.objectContaining({ code: "InvalidRequest" }),
    );
  });
});

describe("compositeChecksum", () => {
  it("digests the parts' digests and says how many there were", async () => {
    const parts = ["ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "AAAA"];
    const checksum = await compositeChecksum("SHA256", parts);
    expect(checksum).toEqual({
      algorithm: "SHA256",
      type: "COMPOSITE",
      value: expect.stringMatching(/^.{44}-2$/),
    });
  });
});
