import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeEach, expect, it } from "vitest";
import type { SandboxProcess } from "#main/profiles/sandbox-process.ts";
import { FaultProxy } from "#main/faults/fault-proxy.ts";
import { MiB, SLOW, useProcesses } from "./process-rig.ts";

const rig = useProcesses("cli");
const { launch, launchUnder, run, requestsFor, partsOf } = rig;

let folder = "";
let sandbox: SandboxProcess;
beforeEach(() => {
  ({ folder, sandbox } = rig);
});

it(
  "copies a file and a folder there and back, results alone on standard output",
  async () => {
    const big = randomBytes(20 * MiB);
    mkdirSync(join(folder, "tree/sub"), { recursive: true });
    writeFileSync(join(folder, "tree/big.bin"), big);
    writeFileSync(join(folder, "tree/sub/two words"), "small");
    const up = await run("cp", "-q", "tree", "s3://lab/both/");
    expect(up).toEqual({ code: 0, out: "s3://lab/both/\n", err: "" });
    expect((await run("cp", "-q", "s3://lab/both/", "back")).code).toBe(0);
    expect(readFileSync(join(folder, "back/big.bin")).equals(big)).toBe(true);
    expect(readFileSync(join(folder, "back/sub/two words"), "utf8")).toBe("small");
    const one = await run("cp", "-q", "s3://lab/both/sub/two words", "other-name");
    expect(one.out).toBe(`${join(folder, "other-name")}\n`);
    const listed = await run("ls", "-q", "s3://lab/both/");
    expect(listed.out).toBe("both/sub/\nboth/big.bin\n");
  },
  SLOW,
);

it.skipIf(process.platform !== "linux")(
  "copies a file whose name is no UTF-8",
  async () => {
    const path = Buffer.concat([
      Buffer.from(`${folder}/caf`),
      Buffer.of(0xe9),
      Buffer.from(".bin"),
    ]);
    writeFileSync(path, "coffee");
    // Only a shell can give a program such a word.
    const shell = ["sh", "-c", 'exec "$@" "$(printf "caf\\351.bin")" s3://lab/raw/', "sh"];
    const { code, out, err } = await launchUnder(shell, "cp", "-q").ended;
    expect({ code, out, err }).toEqual({ code: 0, out: "s3://lab/raw/caf%E9.bin\n", err: "" });
    expect((await run("ls", "-q", "s3://lab/raw/")).out).toBe("raw/caf%E9.bin\n");
  },
  SLOW,
);

it(
  "says of a prefix of which nothing is there that it is missing",
  async () => {
    const { code, err } = await run("cp", "-q", "s3://lab/nothing/", "nothing");
    expect({ code, err }).toEqual({
      code: 4,
      err: expect.stringContaining("Nothing is below nothing/ in the bucket lab."),
    });
  },
  SLOW,
);

it(
  "reads back what it moved, either way, and prints the receipt of every item",
  async () => {
    writeFileSync(join(folder, "proof.bin"), randomBytes(6 * MiB));
    const flags = ["--verify", "--json", "--part-size", "5MiB"];
    const up = await run("cp", ...flags, "proof.bin", "s3://lab/proof/");
    const down = await run("cp", ...flags, "s3://lab/proof/proof.bin", "proof-back.bin");
    for (const { code, out } of [up, down]) {
      expect(code).toBe(0);
      const lines = out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { type: string });
      expect(lines.filter(({ type }) => type === "item" || type === "result")).toMatchObject([
        {
          type: "item",
          phase: "done",
          note: "read back, equal",
          receipt: { rung: "part-sha256", sizeBytes: 6 * MiB, partCount: 2 },
        },
        { type: "result", phase: "done", resumedAtBytes: null, exitCode: 0 },
      ]);
    }
    const gets = requestsFor("proof/proof.bin").filter(({ op }) => op === "GetObject");
    // At least one reads the upload back, and one brings the download.
    expect(gets.length).toBeGreaterThanOrEqual(2);
  },
  SLOW,
);

it(
  "keeps the parts at Ctrl-C, and the same command goes on where it stopped",
  async () => {
    writeFileSync(join(folder, "big.bin"), randomBytes(40 * MiB));
    const args = ["cp", "--part-size", "5MiB", "--connections", "2", "big.bin", "s3://lab/cut/"];
    const first = launch(...args, "--limit-rate", "10MB");
    await expect.poll(() => partsOf("cut/big.bin").length, { timeout: SLOW }).toBeGreaterThan(1);
    first.child.kill("SIGINT");
    const stopped = await first.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.out).toBe("");
    expect(stopped.err).toContain(
      "to go on: longhaul cp --part-size 5MiB --connections 2 big.bin s3://lab/cut/",
    );
    const second = await run(...args);
    expect([second.code, second.err]).toEqual([0, expect.stringContaining("Going on")]);
    const numbers = partsOf("cut/big.bin").map(({ partNumber }) => partNumber);
    expect(new Set(numbers).size).toBe(8);
    // At most one part a connection is moved twice.
    expect(numbers.length).toBeLessThanOrEqual(8 + 2);
  },
  SLOW,
);

it(
  "goes on after kill -9",
  async () => {
    const bytes = randomBytes(40 * MiB);
    writeFileSync(join(folder, "big.bin"), bytes);
    const args = [
      "cp",
      "-q",
      "--part-size",
      "5MiB",
      "--connections",
      "2",
      "big.bin",
      "s3://lab/killed/",
    ];
    const first = launch(...args, "--limit-rate", "10MB");
    await expect.poll(() => partsOf("killed/big.bin").length, { timeout: SLOW }).toBeGreaterThan(2);
    first.child.kill("SIGKILL");
    await first.ended;
    expect((await run(...args)).code).toBe(0);
    expect(partsOf("killed/big.bin").length).toBeLessThanOrEqual(8 + 2);
    await run("cp", "-q", "s3://lab/killed/big.bin", "back.bin");
    expect(readFileSync(join(folder, "back.bin")).equals(bytes)).toBe(true);
  },
  SLOW,
);

it(
  "gives up on a server that went away, keeps its parts, and goes on with them",
  async () => {
    const bytes = randomBytes(20 * MiB);
    writeFileSync(join(folder, "big.bin"), bytes);
    const port = Number(new URL(sandbox.endpoint).port);
    const proxy = await FaultProxy.open(port);
    const means = ["--endpoint-url", proxy.endpoint, "--part-size", "5MiB", "--connections", "1"];
    const args = ["cp", "-q", ...means, "--give-up-after", "3s", "big.bin", "s3://lab/gone/"];
    try {
      const first = launch(...args, "--limit-rate", "5MB");
      await expect.poll(() => partsOf("gone/big.bin").length, { timeout: SLOW }).toBeGreaterThan(1);
      await proxy.stopListening();
      const { code, err } = await first.ended;
      expect([code, err]).toEqual([5, expect.stringContaining("MB of 21.0 MB is kept")]);
      expect(err).toContain("Given up after 3 s without a byte. To go on: longhaul cp -q");
      await proxy.listenAgain();
      expect((await run(...args)).code).toBe(0);
      // What was there is not sent again, but for what was on its way.
      expect(partsOf("gone/big.bin").length).toBeLessThanOrEqual(4 + 1);
    } finally {
      await proxy.close();
    }
  },
  SLOW,
);

it(
  "ends quietly when nobody reads its output any more",
  async () => {
    const { child, ended, said } = launch("ls", "s3://lab/");
    child.stdout?.destroy();
    const { code } = await ended;
    expect([code, said.err]).toEqual([0, ""]);
  },
  SLOW,
);

it(
  "keeps a file's time and what was said of it, and gives back an earlier version",
  async () => {
    const { endpoint, region, credentials } = sandbox;
    const { accessKeyId, secretAccessKey } = credentials;
    const keys = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: keys });
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: "lab", VersioningConfiguration }));
    client.destroy();
    const path = join(folder, "notes.json");
    writeFileSync(path, "old");
    utimesSync(path, 1_700_000_000.25, 1_700_000_000.25);
    expect(await run("cp", "notes.json", "s3://lab/v/")).toMatchObject({ code: 0 });
    writeFileSync(path, "newer");
    const again = ["--on-conflict", "replace", "--storage-class", "GLACIER", "--tag", "a=b"];
    expect(await run("cp", ...again, "notes.json", "s3://lab/v/")).toMatchObject({ code: 0 });

    const listed = await run("ls", "--versions", "--json", "s3://lab/v/");
    const versions = listed.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { versionId: string; sizeBytes: number });
    expect(versions.map(({ sizeBytes }) => sizeBytes)).toEqual([5, 3]);

    // What was sent is a copy of the object: nothing would be fetched.
    rmSync(path);
    const archived = await run("cp", "s3://lab/v/notes.json", "back/");
    expect(archived.code).toBe(1);
    expect(archived.err).toContain("is in an archive");

    const id = versions[1]?.versionId ?? "";
    const old = ["--version-id", id, "s3://lab/v/notes.json", "old/"];
    expect(await run("cp", ...old)).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, "old/notes.json"), "utf8")).toBe("old");
    expect(statSync(join(folder, "old/notes.json")).mtimeMs).toBe(1_700_000_000_250);
    const wrong = await run("cp", "--expected-bucket-owner", "1", "s3://lab/v/notes.json", "no/");
    expect(wrong.code).toBe(6);
  },
  2 * SLOW,
);
