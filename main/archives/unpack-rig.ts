import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { ArchiveSource } from "./archive-source.ts";
import { unpack } from "./unpack.ts";
import type { UnpackedEntry, UnpackOrder, UnpackResult } from "./unpack-order.ts";
import { DEFAULT_LIMITS } from "./unpack-order.ts";

/** What is at a path: content or kind, and for files the permissions. */
export type Tree = Readonly<Record<string, string>>;

export type Outcome = {
  /** Null where it was unpacked. */
  readonly error: LonghaulError | null;
  readonly result: UnpackResult | null;
  readonly entries: readonly UnpackedEntry[];
  /** Below the destination, as `treeOf`; null where there is none. */
  readonly tree: Tree | null;
  /** What is wrong about everything else; empty when nothing is. */
  readonly breaches: readonly string[];
};

type Given = Partial<Pick<UnpackOrder, "method" | "links" | "archiveName">> & {
  readonly limits?: Partial<UnpackOrder["limits"]>;
  readonly signal?: AbortSignal;
};

/** Files around the destination that no archive may touch, where hostile ones would aim at. */
const CANARIES = ["canary.txt", "a/canary.txt", "a/b/canary.txt", "a/b/evil.txt.canary"];

/** Unpacks bytes into a fresh folder with canaries around it, and looks at what became of all. */
export async function unpackBytes(bytes: Buffer, given: Given = {}): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), "longhaul-unpack-"));
  try {
    const place = join(root, "a", "b");
    mkdirSync(place, { recursive: true });
    for (const path of CANARIES) writeFileSync(join(root, path), "untouched");
    const archivePath = join(root, "archive");
    writeFileSync(archivePath, bytes);
    const order = orderOf(archivePath, join(place, "out"), given);
    const before = treeOf(root);
    const run = await runOrder(order, given.signal ?? new AbortController().signal);
    return { ...run, ...look(root, order, before, run) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

export function orderOf(archivePath: string, destination: string, given: Given = {}): UnpackOrder {
  return {
    id: "test-1",
    archivePath,
    archiveName: given.archiveName ?? "archive.bin",
    destination,
    method: given.method ?? "auto",
    links: given.links ?? "skip",
    limits: { ...DEFAULT_LIMITS, ...given.limits },
    availableBytes: null,
  };
}

type Run = Pick<Outcome, "error" | "result" | "entries">;

/** @throws what is no error on purpose: a bug. */
export async function runOrder(order: UnpackOrder, signal: AbortSignal): Promise<Run> {
  const source = new ArchiveSource(order.archivePath, order.availableBytes, signal);
  const entries: UnpackedEntry[] = [];
  const events = {
    onEntries: (batch: readonly UnpackedEntry[]) => void entries.push(...batch),
    onProgress: () => undefined,
  };
  try {
    return { error: null, result: await unpack(order, source, events, signal), entries };
  } catch (error) {
    if (error instanceof LonghaulError) return { error, result: null, entries };
    throw error;
  } finally {
    await source.close();
  }
}

function look(
  root: string,
  { destination, limits }: UnpackOrder,
  before: Tree,
  { error, result }: Run,
) {
  const after = treeOf(root);
  const inside = relative(root, destination);
  const isOutside = (path: string) => path !== inside && !path.startsWith(`${inside}/`);
  const breaches = changesOf(before, after)
    .filter(isOutside)
    .map((path) => `${path} was changed`);
  const isThere = inside in after;
  if (error !== null && isThere) breaches.push("something was put in place of a refused archive");
  if (error === null && !isThere) breaches.push("nothing was put in place");
  if ((result?.totalBytes ?? 0) > limits.totalBytes) breaches.push("more bytes than it may");
  return { breaches, tree: isThere ? treeOf(destination) : null };
}

/** Paths that were made, changed or removed. */
function changesOf(before: Tree, after: Tree): string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter((path) => before[path] !== after[path]);
}

/** Everything below a folder by its path, links not followed. */
export function treeOf(folder: string): Tree {
  return Object.fromEntries(pathsIn(folder).map((path) => [path, describe(join(folder, path))]));
}

/** Node's own way of doing so follows links to folders. */
function pathsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((found) => {
      const below = found.isDirectory() ? pathsIn(join(folder, found.name)) : [];
      return [found.name, ...below.map((path) => `${found.name}/${path}`)];
    });
}

const MOST_SHOWN = 200;

function describe(path: string): string {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  if (stats.isDirectory()) return "folder";
  if (!stats.isFile()) return "other";
  const bytes = readFileSync(path);
  const text = bytes.toString("utf8");
  const isShort = bytes.length <= MOST_SHOWN && Buffer.from(text).equals(bytes);
  const content = isShort ? text : createHash("sha256").update(bytes).digest("hex");
  return `${(stats.mode & 0o7777).toString(8)} ${content}`;
}
