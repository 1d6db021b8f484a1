import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

const KiB = 1024;
const MiB = 1024 * KiB;

/** What is to be at the destination: the path inside the tree, and the SHA-256 of its bytes, hex. */
export type Manifest = ReadonlyMap<string, string>;

export type Tree = {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly sizes: ReadonlyMap<string, number>;
  readonly totalBytes: number;
};

export type TreeShape = {
  readonly smallFiles: number;
  /** Of those that are moved in parts or ranges. */
  readonly largeBytes: readonly number[];
};

/** The tree of the random kills: some seconds under the lab's cap. */
export const MIXED: TreeShape = {
  smallFiles: 150,
  largeBytes: [17 * MiB + 333, 11 * MiB, 6 * MiB + 1],
};
/** The tree of kills at system calls: of each kind few, so that every call can be one. */
export const FEW: TreeShape = { smallFiles: 4, largeBytes: [11 * MiB + 7] };

/** Names that somebody has: each of them once broke a program that moves files. */
const ODD_NAMES = [
  "with blank and  two",
  "percent %2F 100%",
  "plus+plus?query#hash&amp;",
  "quotes '\" and `ticks`",
  "<tag>.xml",
  "-rf",
  ".hidden/.deeper",
  "umlaut-\u00fc-composed",
  "umlaut-u\u0308-decomposed",
  "\u{1F680} rocket/\u65e5\u672c\u8a9e.bin",
  "trailing dot.",
  "long-".repeat(40),
  "CON.txt",
];

/** Writes a tree of files whose bytes are random, and the same for the same seed. */
export function makeTree(folder: string, shape: TreeShape, random: () => number): Tree {
  const sizes = new Map<string, number>();
  for (let index = 0; index < shape.smallFiles; index += 1) {
    sizes.set(`small/${index % 7}/${index}.bin`, Math.floor(random() ** 3 * 96 * KiB));
  }
  for (const [index, bytes] of shape.largeBytes.entries()) sizes.set(`large-${index}.bin`, bytes);
  for (const name of ODD_NAMES) sizes.set(`odd/${name}`, Math.floor(random() * 8 * KiB));
  for (const name of ["empty", "small/empty", "odd/empty one"]) sizes.set(name, 0);
  const manifest = new Map<string, string>();
  for (const [name, bytes] of sizes) {
    const path = join(folder, name);
    const content = randomBytesOf(bytes, random);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    manifest.set(name, sha256Of(content));
  }
  const totalBytes = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { folder, manifest, sizes, totalBytes };
}

export type Found = {
  /** Under final names: path inside the folder and SHA-256. */
  readonly files: ReadonlyMap<string, string>;
  /** Partial files, by their names. */
  readonly partials: readonly string[];
};

/** What lies in a destination folder, read anew. */
export function readFolder(folder: string): Found {
  const files = new Map<string, string>();
  const partials: string[] = [];
  for (const entry of entriesOf(folder)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).replaceAll(sep, "/");
    if (/^\.longhaul-[0-9a-f]+\.part$/.test(entry.name)) partials.push(name);
    else files.set(name, sha256Of(readFileSync(path)));
  }
  return { files, partials };
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    // Not made yet.
    return [];
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Numbers in [0, 1), the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = (seed + 0x9e37_79b9) >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomBytesOf(bytes: number, random: () => number): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let state = Math.floor(random() * 2 ** 32) | 1;
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, bytes);
}
