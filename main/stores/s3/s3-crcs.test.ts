import { describe, expect, it } from "vitest";
import { crcsInHeaders, wholeCrcOf } from "./s3-crcs.ts";

const ONE_PUT = '"25f9e794323b453885f5181f1b624d0b"';
const PARTS = '"25f9e794323b453885f5181f1b624d0b-3"';
const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");
const CRC32 = { "x-amz-checksum-crc32": base64("cbf43926") };
const CRC64 = { "x-amz-checksum-crc64nvme": base64("ae8b14860a799888") };
const FULL = { "x-amz-checksum-type": "FULL_OBJECT" };
const COMPOSITE = { "x-amz-checksum-type": "COMPOSITE" };

describe("S20 COMPOSITE vs FULL_OBJECT: the CRC of an object as a whole", () => {
  it.each([
    ["of one PUT, without a type", CRC32, ONE_PUT, "crc32"],
    ["of one PUT, said to be full", { ...CRC32, ...FULL }, ONE_PUT, "crc32"],
    ["of parts, said to be full", { ...CRC64, ...FULL }, PARTS, "crc64nvme"],
    ["the longest of several", { ...CRC32, ...CRC64, ...FULL }, PARTS, "crc64nvme"],
  ])("is taken %s", (_, headers, etag, algorithm) => {
    expect(wholeCrcOf(crcsInHeaders(headers), etag)).toMatchObject({ algorithm });
  });

  it.each([
    ["the type says composite", { ...CRC32, ...COMPOSITE }, PARTS],
    ["the type says composite of a single part", { ...CRC32, ...COMPOSITE }, ONE_PUT],
    ["an object of parts has no type", CRC64, PARTS],
    ["the value ends in the number of parts", { "x-amz-checksum-crc32": "y/Q5Jg==-3" }, ONE_PUT],
    ["the value has another length", { "x-amz-checksum-crc32c": "y/Q5" }, ONE_PUT],
    ["there is none", FULL, ONE_PUT],
  ])("is none where %s", (_, headers, etag) => {
    expect(wholeCrcOf(crcsInHeaders(headers), etag)).toBeNull();
  });
});
