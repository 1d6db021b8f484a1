import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { readlinkSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { isAbort, LonghaulError } from "#shared/errors.ts";
import { ArchiveSource } from "#main/archives/archive-source.ts";
import { unpack } from "#main/archives/unpack.ts";
import type { UnpackOrder } from "#main/archives/unpack-order.ts";
import type { Random } from "./random.ts";

/** Tight, so that what passes one is seen. */
const LIMITS = {
  totalBytes: 20_000,
  ratio: 50,
  ratioFreeBytes: 4096,
  entries: 12,
  depth: 8,
  nameBytes: 300,
  metaBytes: 4096,
};
const CANARY = "untouched";
/** What a refusal may be called; any other came from the disk, which nothing was to reach. */
const REFUSALS = new Set(["bad-archive", "unsupported"]);

type Verdict = { readonly isRefused: boolean; readonly breaches: readonly string[] };

/** Unpacks one archive into a fresh folder, and looks at everything around it. */
export async function unpackCase(parent: string, bytes: Buffer, random: Random): Promise<Verdict> {
  const root = mkdtempSync(join(parent, "case-"));
  try {
    const place = join(root, "place");
    mkdirSync(place);
    writeFileSync(join(root, "canary"), CANARY);
    writeFileSync(join(place, "canary"), CANARY);
    writeFileSync(join(root, "archive"), bytes);
    const links = random.below(2) === 0 ? "skip" : "inside";
    const refusal = await tryUnpack({
      id: "fuzz",
      archivePath: join(root, "archive"),
      archiveName: "archive.gz",
      destination: join(place, "out"),
      method: "auto",
      links,
      limits: LIMITS,
      availableBytes: null,
    });
    return { isRefused: refusal !== null, breaches: look(root, bytes, refusal) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Null where it was unpacked. */
async function tryUnpack(order: UnpackOrder): Promise<unknown> {
  const signal = new AbortController().signal;
  const source = new ArchiveSource(order.archivePath, null, signal);
  try {
    const events = { onEntries: () => undefined, onProgress: () => undefined };
    await unpack(order, source, events, signal);
    return null;
  } catch (error) {
    return error;
  } finally {
    await source.close();
  }
}

function look(root: string, bytes: Buffer, refusal: unknown): string[] {
  const breaches: string[] = [];
  const isKnown = refusal instanceof LonghaulError && REFUSALS.has(refusal.code);
  if (refusal !== null && (!isKnown || isAbort(refusal))) {
    breaches.push(`was refused in an unknown way: ${textOf(refusal)}`);
  }
  const place = join(root, "place");
  for (const path of [join(root, "canary"), join(place, "canary")]) {
    if (readFileSync(path, "utf8") !== CANARY) breaches.push(`${path} was written to`);
  }
  if (!readFileSync(join(root, "archive")).equals(bytes))
    breaches.push("the archive was written to");
  const expected = refusal === null ? "canary,out" : "canary";
  if (readdirSync(place).toSorted().join() !== expected) {
    breaches.push(`left ${readdirSync(place).join()}`);
  }
  if (readdirSync(root).length !== 3) breaches.push(`made ${readdirSync(root).join()}`);
  if (refusal === null) breaches.push(...overLimits(join(place, "out")));
  return breaches;
}

function overLimits(out: string): string[] {
  const breaches: string[] = [];
  let [count, totalBytes] = [0, 0];
  const visit = (folder: string, depth: number): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const stats = lstatSync(path);
      count += 1;
      if (depth > LIMITS.depth) breaches.push(`${path} is too deep`);
      if (stats.isDirectory()) visit(path, depth + 1);
      else if (stats.isSymbolicLink()) {
        const target = resolve(folder, readlinkSync(path));
        if (target !== out && !target.startsWith(out + sep)) breaches.push(`${path} leads out`);
      } else if (!stats.isFile()) breaches.push(`${path} is no file`);
      else totalBytes += stats.size;
      if ((stats.mode & 0o7022) !== 0 && !stats.isSymbolicLink()) {
        breaches.push(`${path} may be written by others`);
      }
    }
  };
  visit(out, 1);
  if (totalBytes > LIMITS.totalBytes) breaches.push(`${totalBytes} bytes in all`);
  // Folders on the way are no entries of their own.
  if (count > LIMITS.entries * LIMITS.depth) breaches.push(`${count} entries`);
  return breaches;
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
