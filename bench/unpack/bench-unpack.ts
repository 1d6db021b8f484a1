/**
 * `npm run bench -- unpack [--scale=1] [--runs=3] [--json FILE] [--only tar,zip] [--here]`: unpacks
 * 2 GiB, in 2,000 files of 1 MiB and in 20,000 of 100 KiB, in turn with the system's `tar` and `unzip`
 * followed by `sync`, which they need for what Longhaul promises. Each run has a file
 * system of its own, with a journal, where this user may mount one; `--here` is in the temporary folder.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { startUnpacking } from "#main/archives/start-unpacking.ts";
import { DEFAULT_LIMITS } from "#main/archives/unpack-order.ts";
import { medianOf } from "../peers/figures.ts";
import { canMount } from "#main/faults/disk-rig.ts";
import { onDisk } from "./fresh-disk.ts";
import type { TreeSize } from "./make-tree.ts";
import { makeTree } from "./make-tree.ts";

const run = promisify(execFile);

/** What a file system needs for itself and for files of one byte more than a block. */
const DISK_PER_BYTE = 4;

/** Times of the system's, at most. */
const REACH = 1.3;

type Case = {
  readonly format: "tar" | "tar.gz" | "tar.zst" | "zip";
  /** How the archive is made of what is in the working folder, and unpacked into it. */
  readonly pack: readonly string[];
  readonly unpack: readonly string[];
};

const CASES: readonly Case[] = [
  { format: "tar", pack: ["tar", "-cf", "$A", "."], unpack: ["tar", "-xf", "$A"] },
  { format: "tar.gz", pack: ["tar", "-czf", "$A", "."], unpack: ["tar", "-xzf", "$A"] },
  {
    format: "tar.zst",
    pack: ["tar", "--zstd", "-cf", "$A", "."],
    unpack: ["tar", "--zstd", "-xf", "$A"],
  },
  { format: "zip", pack: ["zip", "-q", "-r", "$A", "."], unpack: ["unzip", "-q", "$A"] },
];

const SIZES: readonly TreeSize[] = [
  { fileCount: 2000, fileBytes: 2 ** 20 },
  { fileCount: 20_000, fileBytes: 100 * 2 ** 10 },
];

type Row = {
  readonly format: string;
  readonly files: string;
  readonly systemSeconds: number;
  readonly longhaulSeconds: number;
  readonly ratio: number;
};

export async function benchUnpack(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scale: { type: "string", default: "1" },
      runs: { type: "string", default: "3" },
      only: { type: "string", default: "" },
      json: { type: "string" },
      here: { type: "boolean", default: false },
    },
  });
  const [scale, runs] = [Number(values.scale), Number(values.runs)];
  const formats = values.only === "" ? CASES.map(({ format }) => format) : values.only.split(",");
  const folder = await mkdtemp(join(tmpdir(), "longhaul-bench-"));
  try {
    const rows: Row[] = [];
    for (const { fileCount, fileBytes } of SIZES) {
      const size = { fileCount: Math.ceil(fileCount * scale), fileBytes };
      const tree = join(folder, "tree");
      await makeTree(tree, size);
      for (const each of CASES.filter(({ format }) => formats.includes(format))) {
        const row = await runCase(each, {
          tree,
          folder,
          size,
          runs,
          isFresh: !values.here && canMount(),
        });
        if (row === null) continue;
        rows.push(row);
        say(`${row.format}, ${row.files}: ${row.ratio.toFixed(2)} times`);
      }
      await rm(tree, { recursive: true });
    }
    return await report(rows, values.json ?? null);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Setting = {
  readonly tree: string;
  readonly folder: string;
  readonly size: TreeSize;
  readonly runs: number;
  readonly isFresh: boolean;
};

async function runCase(each: Case, setting: Setting): Promise<Row | null> {
  const { tree, folder, size, runs } = setting;
  const [program = ""] = each.pack;
  if (spawnSync(program, ["--version"]).error !== undefined) {
    say(`${each.format}: left out, ${program} is not here`);
    return null;
  }
  const archive = join(folder, `archive.${each.format}`);
  await command(each.pack, archive, tree);
  const files = `${size.fileCount} of ${size.fileBytes / 1024} KiB`;
  const [system, longhaul]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < runs; turn += 1) {
    system.push(await timed(setting, (out) => unpackBySystem(each, archive, out)));
    longhaul.push(await timed(setting, (out) => unpackByLonghaul(archive, out)));
  }
  await rm(archive);
  const [systemSeconds, longhaulSeconds] = [medianOf(system), medianOf(longhaul)];
  const row = { format: each.format, files, systemSeconds, longhaulSeconds };
  return { ...row, ratio: longhaulSeconds / systemSeconds };
}

/** With what other runs wrote out of the way. */
async function timed(
  { folder, size, isFresh }: Setting,
  work: (out: string) => Promise<void>,
): Promise<number> {
  const sizeBytes = DISK_PER_BYTE * size.fileCount * size.fileBytes;
  return await onDisk(folder, { isFresh, sizeBytes }, async (disk) => {
    const startedAtMs = performance.now();
    await work(join(disk, "out"));
    return (performance.now() - startedAtMs) / 1000;
  });
}

async function unpackBySystem({ unpack }: Case, archive: string, out: string): Promise<void> {
  await mkdir(out);
  await command(unpack, archive, out);
  await run("sync");
}

async function unpackByLonghaul(archivePath: string, destination: string): Promise<void> {
  const order = {
    id: "bench",
    archivePath,
    archiveName: basename(archivePath),
    destination,
    method: "auto" as const,
    links: "skip" as const,
    limits: DEFAULT_LIMITS,
    availableBytes: null,
  };
  await startUnpacking(order, new AbortController().signal).done;
}

async function command(words: readonly string[], archive: string, cwd: string): Promise<void> {
  const [program = "", ...rest] = words.map((word) => (word === "$A" ? archive : word));
  await run(program, rest, { cwd });
}

async function report(rows: readonly Row[], jsonPath: string | null): Promise<boolean> {
  const line = (cells: readonly string[]) => say(`| ${cells.join(" | ")} |`);
  const head = ["archive", "files", "system + sync, s", "longhaul, s", "times"];
  line(head);
  line(head.map(() => "---"));
  for (const { format, files, systemSeconds, longhaulSeconds, ratio } of rows) {
    line([format, files, systemSeconds.toFixed(2), longhaulSeconds.toFixed(2), ratio.toFixed(2)]);
  }
  if (jsonPath !== null) await writeFile(jsonPath, `${JSON.stringify({ rows }, null, 2)}\n`);
  const missed = rows.filter(({ ratio }) => ratio > REACH);
  say(`\n${rows.length - missed.length} of ${rows.length} within ${REACH} times of the system's.`);
  return missed.length === 0 && rows.length > 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
