import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { done, makeView } from "./fake-views.ts";
import { openProgram } from "./program-rig.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-flags-"));
  writeFileSync(join(folder, "big.bin"), "x");
});
afterAll(() => rmSync(folder, { recursive: true }));

const finished = makeView({ state: done, doneBytes: 1, doneItemCount: 1 });
const up = ["big.bin", "s3://lab/m/"];
const down = ["s3://lab/m/big.bin", "back/"];

describe("what cp says of objects", () => {
  it("goes with an upload", async () => {
    const rig = openProgram(folder, {}, [finished]);
    const line =
      "--content-type application/zstd --cache-control no-store --metadata Run=7=7 --metadata by=lab --tag Team=vision --storage-class STANDARD_IA --sse kms:arn:aws:kms:x:1:key/2 --preserve-mode --expected-bucket-owner 123456789012 --requester-pays";
    expect(await rig.run("cp", ...line.split(" "), ...up)).toBe(0);
    expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([
      {
        object: {
          contentType: "application/zstd",
          cacheControl: "no-store",
          metadata: { run: "7=7", by: "lab" },
          tags: { Team: "vision" },
          storageClass: "STANDARD_IA",
          encryption: { kind: "kms", keyId: "arn:aws:kms:x:1:key/2" },
          preserveMode: true,
        },
        access: { expectedBucketOwner: "123456789012", requesterPays: true },
      },
    ]);
  });

  it("is nothing unless it is said, so that the profile's word holds", async () => {
    const rig = openProgram(folder, {}, [finished]);
    expect(await rig.run("cp", ...up)).toBe(0);
    const asked = JSON.stringify(rig.engine.inputsOf("transfer.upload"));
    expect(asked).not.toMatch(/"(object|access)"/);
  });

  it("names a version and permissions for a download", async () => {
    const rig = openProgram(folder, {}, [finished]);
    expect(await rig.run("cp", "--version-id", "v1", "--preserve-mode", ...down)).toBe(0);
    expect(rig.engine.inputsOf("transfer.download")).toMatchObject([
      { versionId: "v1", preserveMode: true },
    ]);
  });

  it.each([
    [["--tag", "team"], up, /--tag is written name=value/],
    [["--sse", "aes"], up, /none, s3, kms or kms:KEYID/],
    [["--sse", "kms:"], up, /none, s3, kms or kms:KEYID/],
    [["--storage-class", "glacier"], up, /written in capitals/],
    [["--metadata", "a=ü"], up, /printable ASCII/],
    [["--version-id", "v1"], up, /names what is downloaded/],
    [["--tag", "a=b"], down, /--tag is for uploads, and this downloads/],
    [["--expected-bucket-owner", "a b"], down, /12 digits/],
  ])("refuses %j before anything moves", async (flags, paths, message) => {
    const rig = openProgram(folder, {}, [finished]);
    expect(await rig.run("cp", ...flags, ...paths)).toBe(2);
    expect(rig.terminal.errLines.join("\n")).toMatch(message);
    expect(rig.sessions).toEqual([]);
  });
});
