/** `longhaul get` as a pipeline has it: request files, several profiles, exact requests at the store. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { z } from "zod";
import { SLOW, useProcesses } from "./process-rig.ts";

const processes = useProcesses("get");
const { run, requestsFor } = processes;

/** With `profile one` and `profile two` in files of the AWS tools, which both lead to the store. */
function writeProfiles(): void {
  const { endpoint, credentials } = processes.sandbox;
  const { accessKeyId, secretAccessKey } = credentials;
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  mkdirSync(join(processes.folder, ".aws"));
  write(join(".aws", "credentials"), `[one]\n${keys}[two]\n${keys}`);
  write(
    "config",
    ["one", "two"].map((n) => `[profile ${n}]\nendpoint_url = ${endpoint}\n`).join(""),
  );
}

async function put(key: string, body: string): Promise<void> {
  const command = new PutObjectCommand({ Bucket: "lab", Key: key, Body: body });
  await processes.s3.send(command);
}

function write(name: string, text: string): void {
  writeFileSync(join(processes.folder, name), text);
}

function read(...path: string[]): string {
  return readFileSync(join(processes.folder, ...path), "utf8");
}

const Line = z.looseObject({ type: z.string() });
const linesOf = (out: string) =>
  out
    .trim()
    .split("\n")
    .map((line) => Line.parse(JSON.parse(line)));

const listings = () => requestsFor("").filter(({ op }) => op === "ListObjectsV2").length;

it(
  "fetches objects and prefixes of two profiles, reports each, and moves nothing again",
  async () => {
    writeProfiles();
    for (const n of [1, 2, 3]) await put(`two/tree/${n}.txt`, `tree ${n}`);
    await put("two/tree/4.tmp", "not wanted");
    await put("two/model.bin", "the model");
    write(
      "artifacts.yaml",
      `defaults: { profile: one }
requests:
  - object: s3://lab/two/model.bin
    destination: here/model-v2.bin
  - prefix: s3://lab/two/tree/
    profile: two
    destination: here/tree
    exclude: ["*.tmp"]
`,
    );
    const first = await run("get", "--json", "-f", "artifacts.yaml");
    expect([first.code, first.err]).toEqual([0, ""]);
    expect(read("here", "model-v2.bin")).toBe("the model");
    expect(readdirSync(join(processes.folder, "here", "tree"))).toEqual([
      "1.txt",
      "2.txt",
      "3.txt",
    ]);
    const results = linesOf(first.out).filter(({ type }) => type !== "item" && type !== "progress");
    expect(results).toMatchObject([
      {
        type: "result",
        uri: "s3://lab/two/model.bin",
        profile: "one",
        destination: join(processes.folder, "here", "model-v2.bin"),
        totalBytes: 9,
        counts: { items: 1, done: 1, failed: 0, skipped: 0 },
        rung: "full-crc",
        exitCode: 0,
      },
      {
        type: "result",
        uri: "s3://lab/two/tree/",
        profile: "two",
        totalBytes: 18,
        counts: { items: 3, done: 3 },
        exitCode: 0,
      },
      { type: "summary", requests: 2, inPlace: 2, exitCode: 0, items: 4, doneBytes: 27 },
    ]);
    const gets = () => requestsFor("two/model.bin").filter(({ op }) => op === "GetObject").length;
    expect(gets()).toBe(1);
    const before = listings();
    const again = await run("get", "--json", "-f", "artifacts.yaml");
    expect([again.code, again.err]).toEqual([0, ""]);
    expect(linesOf(again.out).at(-1)).toMatchObject({ inPlace: 2, keptBytes: 27, exitCode: 0 });
    expect([gets(), listings() - before]).toEqual([1, 1]);
  },
  SLOW,
);

it(
  "finds 1,000 objects of one folder by one listing, and again when nothing changed",
  async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `${String(n).padStart(4, "0")}.bin`);
    await Promise.all(names.map(async (name) => await put(`many/${name}`, name)));
    const requests = names.map((name) => ({
      object: `s3://lab/many/${name}`,
      destination: `many/${name}`,
    }));
    write("many.json", JSON.stringify({ requests }));
    const before = listings();
    const first = await run("get", "-f", "many.json");
    expect([first.code, first.out]).toEqual([
      0,
      expect.stringContaining("1000 of 1000 requests are in place"),
    ]);
    expect(listings() - before).toBe(1);
    expect(requestsFor("many/0007.bin").map(({ op }) => op)).toEqual(["PutObject", "GetObject"]);
    const digest = createHash("sha256");
    for (const name of names) digest.update(read("many", name));
    expect(digest.digest("hex")).toBe(createHash("sha256").update(names.join("")).digest("hex"));
    const again = await run("get", "-f", "many.json");
    const said = `downloaded 0000.bin and 999 more to ${join(processes.folder, "many")}: 1000 files, already there`;
    expect([again.code, again.err, again.out.trim().split("\n")]).toEqual([
      0,
      "",
      [said, "1000 of 1000 requests are in place"],
    ]);
    expect(listings() - before).toBe(2);
    expect(requestsFor("many/0007.bin").filter(({ op }) => op === "GetObject")).toHaveLength(1);
  },
  SLOW,
);

it(
  "ends with what went wrong, and says of each request whether it is in place",
  async () => {
    await put("part/there.bin", "there");
    await put("part/other.bin", "theirs");
    write("other.bin", "mine, and longer");
    write(
      "part.yaml",
      `requests:
  - { object: s3://lab/part/there.bin, destination: ./ }
  - { object: s3://lab/part/gone.bin, destination: ./ }
`,
    );
    write("left.yaml", "requests: [{ object: s3://lab/part/other.bin, destination: other.bin }]");
    const missing = await run("get", "--json", "-f", "part.yaml");
    expect(missing.code).toBe(4);
    const lines = linesOf(missing.out);
    expect(lines.filter(({ type }) => type === "result")).toMatchObject([
      { uri: "s3://lab/part/gone.bin", exitCode: 4, error: { code: "object-missing" } },
      { uri: "s3://lab/part/there.bin", exitCode: 0, error: null },
    ]);
    expect(lines.at(-1)).toMatchObject({ type: "summary", requests: 2, inPlace: 1, exitCode: 4 });
    expect(read("there.bin")).toBe("there");
    // What is left as it was on purpose is not in place either.
    const left = await run("get", "--on-conflict", "skip", "-f", "left.yaml");
    expect(left.code).toBe(11);
    const refused = await run("get", "-q", "-f", "left.yaml");
    expect(refused.code).toBe(11);
    expect(read("other.bin")).toBe("mine, and longer");
    const replaced = await run("get", "-q", "--on-conflict", "replace", "-f", "left.yaml");
    expect([replaced.code, read("other.bin")]).toEqual([0, "theirs"]);
  },
  SLOW,
);

it(
  "names the lines of all that is wrong, and of both that clash, before anything moves",
  async () => {
    write("a.yaml", "requests:\n  - object: s3://lab/x/a\n    destination: d/file\n");
    write(
      "b.yaml",
      "requests:\n  - object: s3://lab/x/b\n    destination: d/./file\n  - prefix: s3://lab/y/\n    destination: d/file/z\n",
    );
    const clash = await run("get", "-f", "a.yaml", "b.yaml");
    const file = join(processes.folder, "d", "file");
    expect([clash.code, clash.out, clash.err.trim().split("\n")]).toEqual([
      2,
      "",
      [
        `b.yaml:3: requests[0].destination: ${file} is the file of s3://lab/x/a in a.yaml:3`,
        `b.yaml:5: requests[1].destination: ${file}/z lies in ${file}, which is the file of s3://lab/x/a in a.yaml:3`,
      ],
    ]);
    write("c.yaml", "requests:\n  - object: s3://lab/x/\n    destinaton: d\n");
    const wrong = await run("get", "-f", "c.yaml");
    expect([wrong.code, wrong.err.trim().split("\n")]).toEqual([
      2,
      [
        "c.yaml:2: requests[0].object: an object is written s3://bucket/key, without a / at its end",
        "c.yaml:2: requests[0].destination: is missing",
        "c.yaml:3: requests[0].destinaton: is no known key; is destination meant?",
      ],
    ]);
    write("d.yaml", "requests:\n  - object: s3://lab/x\n    profile: nobody\n    destination: d\n");
    const nobody = await run("get", "-f", "d.yaml");
    expect([nobody.code, nobody.err]).toEqual([
      3,
      'd.yaml:3: requests[0].profile: there is no profile "nobody"\n',
    ]);
  },
  SLOW,
);
