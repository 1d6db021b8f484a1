import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tree } from "./unpack-rig.ts";
import { orderOf, runOrder, treeOf } from "./unpack-rig.ts";

/** Compares with the tools of the system, which are skipped, and said so, where they are not there. */
const has = (program: string) => spawnSync(program, ["--version"]).error === undefined;

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-tools-"));
  const tree = join(root, "tree");
  mkdirSync(join(tree, "deep/er/still"), { recursive: true });
  mkdirSync(join(tree, "void"));
  const put = (path: string, content: string | Buffer, mode = 0o644) => {
    writeFileSync(join(tree, path), content, { mode });
    utimesSync(join(tree, path), 1_500_000_000, 1_500_000_000);
  };
  put("a.txt", "a");
  put("empty", "");
  put("run.sh", "#!/bin/sh", 0o755);
  put("deep/er/still/x.bin", noise(2_500_000));
  put("deep/zeros", Buffer.alloc(300_000));
  put("ünï 日本.txt", "text");
  put(`${"n".repeat(150)}.txt`, "long");
  put("a b", "text");
  symlinkSync("a.txt", join(tree, "link"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function noise(sizeBytes: number): Buffer {
  const blocks = Math.ceil(sizeBytes / 32);
  const digest = (at: number) => createHash("sha256").update(String(at)).digest();
  return Buffer.concat(Array.from({ length: blocks }, (_, at) => digest(at))).subarray(
    0,
    sizeBytes,
  );
}

/** `$A` is the archive; run in the tree to pack and in an empty folder to unpack. */
type Tool = readonly [name: string, program: string, pack: string, unpack: string, format: string];
const TOOLS: readonly Tool[] = [
  ["GNU tar", "tar", "tar -cf $A .", "tar -xf $A", "tar"],
  ["tar in the old way", "tar", "tar --format=oldgnu -cf $A .", "tar -xf $A", "tar"],
  ["tar by POSIX", "tar", "tar --format=posix -cf $A .", "tar -xf $A", "tar"],
  ["tar without a dot", "tar", "tar -cf $A *", "tar -xf $A", "tar"],
  ["tar with gzip", "tar", "tar -czf $A .", "tar -xzf $A", "tar.gz"],
  ["tar with zstd", "zstd", "tar --zstd -cf $A .", "tar --zstd -xf $A", "tar.zst"],
  [
    "tar with zstd, long",
    "zstd",
    "tar -cf - . | zstd -q --long=27 -19 > $A",
    "zstd -dcq --long=27 $A | tar -xf -",
    "tar.zst",
  ],
  ["zip", "zip", "zip -q -r -y $A .", "unzip -q $A", "zip"],
  ["zip, stored", "zip", "zip -q -0 -r -y $A .", "unzip -q $A", "zip"],
  ["zip of a stream", "zip", "zip -q -r -y - . | cat > $A", "unzip -q $A", "zip"],
];

function shell(command: string, archive: string, cwd: string): void {
  execFileSync("sh", ["-c", command.replaceAll("$A", archive)], { cwd });
}

describe("archives of the system's own tools", () => {
  for (const [name, program, pack, unpack, format] of TOOLS) {
    it.skipIf(!has(program) || !has("unzip"))(
      `of ${name} are unpacked as it does itself (needs ${program} and unzip)`,
      async () => {
        const folder = mkdtempSync(join(root, "case-"));
        const archive = join(folder, `archive.${format}`);
        shell(pack, archive, join(root, "tree"));
        const theirs = join(folder, "theirs");
        mkdirSync(theirs);
        shell(unpack, archive, theirs);
        const signal = new AbortController().signal;
        const order = { ...orderOf(archive, join(folder, "ours"), { links: "inside" }) };
        const { error, result } = await runOrder(order, signal);
        expect(error).toBeNull();
        expect(result).toMatchObject({ format, linkCount: 1, warnings: [] });
        expect(treeOf(order.destination)).toEqual(treeOf(theirs));
        expect(timesOf(order.destination)).toEqual(timesOf(theirs));
      },
    );
  }
});

/** Of files, in seconds. */
function timesOf(folder: string): Tree {
  const files = Object.entries(treeOf(folder)).filter(([, what]) => /^\d/u.test(what));
  const secondsOf = (path: string) => Math.floor(lstatSync(join(folder, path)).mtimeMs / 1000);
  return Object.fromEntries(files.map(([path]) => [path, String(secondsOf(path))]));
}

describe("what only the system's tools make", () => {
  const packers = [
    [
      "files with holes",
      "truncate -s 5M $F/holes && tar -C $F --sparse -cf $A holes",
      "unsupported",
    ],
    [
      "files with holes by POSIX",
      "truncate -s 5M $F/holes && tar -C $F --format=posix --sparse -cf $A holes",
      "unsupported",
    ],
    ["an incremental backup", "mkdir $F/d && tar -C $F -g $F/snapshot -cf $A d", "unsupported"],
    ["an absolute name", "tar -P -cf $A $F", "bad-archive"],
    ["an encrypted zip", "cd $F && echo x > x && zip -q -P secret $A x", "unsupported"],
    ["a file added twice", "cd $F && echo x > x && tar -cf $A x && tar -rf $A x", "bad-archive"],
  ] as const;

  it.skipIf(!has("tar") || !has("zip")).each(packers)(
    "X13 %s is refused in words (needs tar and zip)",
    async (_, pack, code) => {
      const folder = mkdtempSync(join(root, "case-"));
      const archive = join(folder, "archive.zip");
      const work = join(folder, "work");
      mkdirSync(work);
      shell(pack.replaceAll("$F", work), archive, folder);
      const order = orderOf(archive, join(folder, "ours"));
      const { error } = await runOrder(order, new AbortController().signal);
      expect(error?.code).toBe(code);
    },
  );
});
