/** `longhaul get` over 1,000 objects, counted at the store to the last request and byte. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { z } from "zod";
import { tarEntry } from "#main/archives/tar-fixtures.ts";
import { zip } from "#main/archives/zip-fixtures.ts";
import { MiB, SLOW, useProcesses } from "./process-rig.ts";

const COUNT = 1000;
const NAMES = Array.from({ length: COUNT }, (_, n) => `${String(n).padStart(4, "0")}.bin`);

const rig = useProcesses("get-counts");
const { run } = rig;

async function put(key: string, body: string | Uint8Array): Promise<void> {
  await rig.s3.send(new PutObjectCommand({ Bucket: "lab", Key: key, Body: body }));
}

const Summary = z.looseObject({ type: z.literal("summary") });

/** Runs `get -f` over a file: how it ended, and what the store was asked meanwhile, by operation. */
async function get(file: string) {
  const { length: before } = rig.requests();
  const atMs = performance.now();
  const { code, out, err } = await run("get", "--json", "-f", file);
  const tookMs = performance.now() - atMs;
  // The test's own are logged a moment after their answer.
  const asked = rig
    .requests()
    .slice(before)
    .filter(({ op }) => op !== "PutObject");
  const ops = Object.fromEntries(
    [...Map.groupBy(asked, ({ op }) => op)].map(([op, { length }]) => [op, length]),
  );
  const keys = asked.filter(({ op }) => op === "GetObject").map(({ key }) => key);
  const summary = Summary.parse(JSON.parse(out.trim().split("\n").at(-1) ?? ""));
  return { ended: [code, err], ops, keys: keys.toSorted(), summary, tookMs };
}

it(
  "fetches each of 1,000 objects once, then nothing by one listing, then the one that changed",
  async () => {
    await Promise.all(NAMES.map(async (name) => await put(`many/${name}`, name)));
    const prefix = { prefix: "s3://lab/many/", destination: "many" };
    writeFileSync(join(rig.folder, "many.json"), JSON.stringify({ requests: [prefix] }));
    const first = await get("many.json");
    expect(first).toMatchObject({
      ended: [0, ""],
      ops: { ListObjectsV2: 1, GetObject: COUNT },
      keys: NAMES.map((name) => `many/${name}`),
      summary: { inPlace: 1, items: COUNT, doneBytes: 8 * COUNT, keptBytes: 0 },
    });
    expect(first.ops).toEqual({ ListObjectsV2: 1, GetObject: COUNT });
    const again = await get("many.json");
    const seconds = (again.tookMs / 1000).toFixed(2);
    process.stdout.write(`get of ${COUNT} objects, no change, with its process: ${seconds} s\n`);
    expect(again).toMatchObject({
      ended: [0, ""],
      summary: { inPlace: 1, items: COUNT, totalBytes: 8 * COUNT, keptBytes: 8 * COUNT },
    });
    expect(again.ops).toEqual({ ListObjectsV2: 1 });
    await put("many/0500.bin", "changed at its origin");
    const changed = await get("many.json");
    expect(changed).toMatchObject({
      ended: [0, ""],
      keys: ["many/0500.bin"],
      summary: { inPlace: 1, items: COUNT, keptBytes: 8 * (COUNT - 1) },
    });
    expect(changed.ops).toEqual({ ListObjectsV2: 1, GetObject: 1 });
    expect(readFileSync(join(rig.folder, "many", "0500.bin"), "utf8")).toBe(
      "changed at its origin",
    );
    expect(readdirSync(join(rig.folder, "many")).toSorted()).toEqual(NAMES);
  },
  SLOW,
);

/** Two profiles in files of the AWS tools, which both lead to the store. */
function writeProfiles(): void {
  const { endpoint, credentials } = rig.sandbox;
  const { accessKeyId, secretAccessKey } = credentials;
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  mkdirSync(join(rig.folder, ".aws"));
  writeFileSync(join(rig.folder, ".aws", "credentials"), `[one]\n${keys}[two]\n${keys}`);
  const sections = ["one", "two"].map((n) => `[profile ${n}]\nendpoint_url = ${endpoint}\n`);
  writeFileSync(join(rig.folder, ".aws", "config"), sections.join(""));
}

/** More than a MiB: an object that is asked for again before it moves. */
function tarOf(names: readonly string[]): Buffer {
  const entries = names.map((name) => tarEntry(name, randomBytes(MiB).toString("latin1")));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
}

const ARTIFACTS = `
defaults: { profile: one }
requests:
  - { prefix: s3://lab/left/, destination: left }
  - { prefix: s3://lab/right/, destination: right, profile: two }
  - object: s3://lab/big.tar.gz
    destination: big.tar.gz
    unpack: { destination: big }
  - object: s3://lab/small.zip
    destination: small.zip
    profile: two
    unpack: { destination: small, method: zip }
`;

it(
  "asks as little with several profiles and archives to unpack, and finds what came out in place",
  async () => {
    writeProfiles();
    writeFileSync(join(rig.folder, "all.yaml"), ARTIFACTS);
    const prefixed = NAMES.map((name, n) => `${n % 2 === 0 ? "left" : "right"}/${name}`);
    await Promise.all(prefixed.map(async (key) => await put(key, key)));
    const big = tarOf(["a/1", "a/2"]);
    const small = zip([{ name: "b/1", content: "one" }]);
    await put("big.tar.gz", big);
    await put("small.zip", small);
    const first = await get("all.yaml");
    expect(first).toMatchObject({
      ended: [0, ""],
      summary: { requests: 4, inPlace: 4, items: COUNT + 2, keptBytes: 0 },
    });
    // An archive of a MiB or more is asked for again, and what it is compared with asked for.
    expect(first.ops).toEqual({
      ListObjectsV2: 2,
      HeadObject: 3,
      GetObjectAttributes: 1,
      GetObject: COUNT + 2,
    });
    expect(first.keys).toEqual([...prefixed, "big.tar.gz", "small.zip"].toSorted());
    expect(readdirSync(join(rig.folder, "big", "a"))).toEqual(["1", "2"]);
    expect(readFileSync(join(rig.folder, "small", "b", "1"), "utf8")).toBe("one");
    const again = await get("all.yaml");
    expect(again).toMatchObject({ ended: [0, ""], summary: { inPlace: 4 } });
    expect(again.summary["keptBytes"]).toBe(again.summary["totalBytes"]);
    expect(again.ops).toEqual({ ListObjectsV2: 2, HeadObject: 2 });
  },
  SLOW,
);
