import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Task } from "./clients.ts";

const MIB = 1024 ** 2;

/** Sizes of the cases; tests of the bench itself make them small. */
export type Sizes = {
  readonly largeBytes: number;
  readonly smallCount: number;
  readonly smallBytes: number;
  readonly keyCount: number;
  /** Files of a tree that has not changed. */
  readonly sameCount: number;
};

export const FULL_SIZES: Sizes = {
  largeBytes: 2048 * MIB,
  smallCount: 5000,
  smallBytes: 16 * 1024,
  keyCount: 100_000,
  sameCount: 1000,
};

export const CASE_NAMES = [
  "large-up",
  "large-down",
  "plain-down",
  "small-up",
  "small-down",
  "no-change",
  "list",
] as const;
/**
 * `plain-down` is the large file from nginx instead of from the S3 server; `no-change` is a tree that is
 * here as it is there.
 */
export type CaseName = (typeof CASE_NAMES)[number];

/** Files that everybody sends; made once. */
export class Material {
  readonly folder: string;
  readonly sizes: Sizes;

  constructor(folder: string, sizes: Sizes) {
    this.folder = folder;
    this.sizes = sizes;
  }

  get largePath(): string {
    return join(this.folder, "large.bin");
  }

  get treeFolder(): string {
    return join(this.folder, "tree");
  }

  get sameFolder(): string {
    return join(this.folder, "same");
  }

  sameNames(): string[] {
    return Array.from({ length: this.sizes.sameCount }, (_, n) => `f${n}.bin`);
  }

  smallNames(): string[] {
    return Array.from({ length: this.sizes.smallCount }, (_, n) => `d${n % 50}/f${n}.bin`);
  }

  async make(): Promise<void> {
    const file = await open(this.largePath, "w");
    try {
      for (let left = this.sizes.largeBytes; left > 0; left -= MIB) {
        await file.writeFile(randomBytes(Math.min(MIB, left)));
      }
    } finally {
      await file.close();
    }
    for (let n = 0; n < 50; n += 1)
      await mkdir(join(this.treeFolder, `d${n}`), { recursive: true });
    await mkdir(this.sameFolder, { recursive: true });
    const { smallBytes } = this.sizes;
    for (const name of this.smallNames())
      await writeFile(join(this.treeFolder, name), randomBytes(smallBytes));
    for (const name of this.sameNames())
      await writeFile(join(this.sameFolder, name), randomBytes(smallBytes));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Bytes that a case moves; a listing moves none that count, and what has not changed none at all. */
export function movedBytesOf(name: CaseName, sizes: Sizes): number {
  if (name === "list" || name === "no-change") return 0;
  return name.startsWith("small") ? sizes.smallCount * sizes.smallBytes : sizes.largeBytes;
}

/** @param target Where a download goes; new for every run. @param run Makes keys new for every run. */
export function taskOf(name: CaseName, material: Material, target: string, run: string): Task {
  switch (name) {
    case "large-up":
      return { kind: "up-file", path: material.largePath, key: `up/${run}.bin` };
    case "large-down":
    case "plain-down":
      return { kind: "down-file", key: "large.bin", path: join(target, "large.bin") };
    case "small-up":
      return { kind: "up-tree", folder: material.treeFolder, prefix: `up/${run}/` };
    case "small-down":
      return { kind: "down-tree", prefix: "tree/", folder: join(target, "tree") };
    case "no-change":
      return { kind: "same-tree", prefix: "same/", folder: join(target, "same") };
    case "list":
      return { kind: "list", prefix: "list/" };
    default:
      return name satisfies never;
  }
}

/** @throws {Error} when a client brought something else than what was sent: it is not faster then. */
export async function proveDownload(task: Task, material: Material): Promise<void> {
  if (task.kind === "down-file") {
    const [got, sent] = await Promise.all([digest(task.path), digest(material.largePath)]);
    if (got !== sent) throw new Error(`${task.path} is not what was sent`);
  }
  if (task.kind !== "down-tree" && task.kind !== "same-tree") return;
  const entries = await readdir(task.folder, { recursive: true, withFileTypes: true });
  const count = entries.filter((entry) => entry.isFile()).length;
  const { smallCount, sameCount } = material.sizes;
  if (count !== (task.kind === "same-tree" ? sameCount : smallCount))
    throw new Error(`${count} files came`);
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) hash.update(chunk);
  return hash.digest("hex");
}
