/** A sync as a person has it, and as it is killed in the middle of deleting. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeEach, expect, it } from "vitest";
import { canTrace, SLOW, useProcesses, WITHIN } from "./process-rig.ts";

const EXTRAS = 30;

const rig = useProcesses("sync");
const { launch, launchOnTerminal, launchUnder, run, requestsFor } = rig;

let tree = "";
beforeEach(() => {
  tree = join(rig.folder, "tree");
  mkdirSync(tree);
});

async function put(key: string, Body = key): Promise<void> {
  await rig.s3.send(new PutObjectCommand({ Bucket: "lab", Key: key, Body }));
}

async function keysBelow(prefix: string): Promise<string[]> {
  const { Contents = [] } = await rig.s3.send(
    new ListObjectsV2Command({ Bucket: "lab", Prefix: prefix }),
  );
  return Contents.map(({ Key = "" }) => Key.slice(prefix.length));
}

function here(): Record<string, string> {
  const names = readdirSync(tree, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  return Object.fromEntries(
    paths.map((path) => [path.slice(tree.length + 1), readFileSync(path, "utf8")]),
  );
}

it(
  "syncs there, shows what it would delete, deletes it once somebody says so, and then all is the same",
  async () => {
    for (const name of ["a", "b"]) writeFileSync(join(tree, name), name);
    await put("p/gone");
    const unasked = await run("sync", "--delete", "tree", "s3://lab/p/");
    expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining("--yes") });
    const { child, said, ended } = launchOnTerminal("sync", "--delete", "tree", "s3://lab/p/");
    await expect.poll(() => said.out, WITHIN).toContain("Delete 1 at");
    expect(said.out).toContain("delete gone");
    expect(await keysBelow("p/")).toEqual(["gone"]);
    child.stdin?.write("y\r");
    expect((await ended).code).toBe(0);
    expect(await keysBelow("p/")).toEqual(["a", "b"]);
    const again = await run("sync", "--delete", "--yes", "tree", "s3://lab/p/");
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining("all 2 are the same") });
    const dry = await run("sync", "--dry-run", "--delete", "--json", "s3://lab/p/", "tree");
    expect(JSON.parse(dry.out.trim().split("\n").at(-1) ?? "")).toMatchObject({
      sync: { moves: 0, deletes: 0, same: 2, isDryRun: true },
    });
  },
  SLOW,
);

it.skipIf(!canTrace())(
  "kill -9 between two files that are deleted: the same command deletes the rest, and nothing else",
  async () => {
    await put("d/keep");
    const names = Array.from({ length: EXTRAS }, (_, n) => `old-${n}`);
    for (const name of names) writeFileSync(join(tree, name), name);
    const command = ["sync", "--delete", "--yes", "--exclude", "mine", "s3://lab/d/", "tree"];
    writeFileSync(join(tree, "mine"), "mine");
    const inject = ["-e", "trace=unlink", "-e", "inject=unlink:signal=KILL:when=10"];
    const only = names.flatMap((name) => ["-P", join(tree, name)]);
    const strace = ["strace", "-qq", "-f", "-o", "/dev/null", ...only, ...inject, "--"];
    const { code } = await launchUnder(strace, ...command).ended;
    expect(code).not.toBe(0);
    const left = Object.keys(here()).length;
    expect(left).toBeGreaterThan(2);
    expect(left).toBeLessThan(EXTRAS + 2);
    // Written since: it is not what was to be deleted.
    const [survivor = ""] = Object.keys(here()).filter((name) => name.startsWith("old-"));
    writeFileSync(join(tree, survivor), "written since");
    expect((await run(...command)).code).toBe(0);
    // What went on was of before; the second look is of now.
    expect(here()).toEqual({ keep: "d/keep", mine: "mine" });
  },
  SLOW,
);

it(
  "kill -9 while objects are deleted: the same command deletes the rest, and nothing else",
  async () => {
    writeFileSync(join(tree, "keep"), "keep");
    const keys = Array.from({ length: EXTRAS }, (_, n) => `u/old-${n}`);
    for (const key of [...keys, "u-not/mine"]) await put(key);
    const command = ["sync", "--delete", "--yes", "tree", "s3://lab/u/"];
    const { child, ended } = launch(...command);
    const looked = () =>
      keys.filter((key) => requestsFor(key).some(({ op }) => op === "HeadObject"));
    await expect.poll(() => looked().length, WITHIN).toBeGreaterThan(0);
    child.kill("SIGKILL");
    await ended;
    // Meanwhile somebody made one of them anew.
    writeFileSync(join(tree, "old-7"), "back");
    expect((await run(...command)).code).toBe(0);
    expect(await keysBelow("u/")).toEqual(["keep", "old-7"]);
    expect(await keysBelow("u-not/")).toEqual(["mine"]);
    expect(requestsFor("u/keep").filter(({ op }) => op === "PutObject")).toHaveLength(1);
  },
  SLOW,
);
