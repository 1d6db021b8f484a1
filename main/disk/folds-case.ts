import { opendir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { onDisk } from "./disk-errors.ts";
import { fromLatin1Name, toFsPath } from "./local-path.ts";
import { findAt } from "./stat-file.ts";

/** More names tell no more. */
const MOST_NAMES = 1000;

/**
 * Whether `A` and `a` name one file in a folder, as on a stick or a share of another system; found out
 * by what is in it, else by what it lies in on the same disk. False where that does not tell.
 */
export async function foldsCase(folder: string, find = findAt): Promise<boolean> {
  const stats = await find(folder);
  const parent = dirname(folder);
  if (stats === undefined) return parent !== folder && (await foldsCase(parent, find));
  const names = await someNames(folder);
  const other = [...names].find((name) => swapped(name) !== name && !names.has(swapped(name)));
  if (other !== undefined) return await isOneFile(join(folder, other), find);
  const isWithin = parent !== folder && (await find(parent))?.dev === stats.dev;
  if (!isWithin) return false;
  return isLettered(folder) ? await isOneFile(folder, find) : await foldsCase(parent, find);
}

async function isOneFile(path: string, find: typeof findAt): Promise<boolean> {
  const twinPath = join(dirname(path), swapped(basename(path)));
  const [file, twin] = [await find(path), await find(twinPath)];
  return file !== undefined && file.dev === twin?.dev && file.ino === twin.ino;
}

function isLettered(path: string): boolean {
  return swapped(basename(path)) !== basename(path);
}

async function someNames(folder: string): Promise<ReadonlySet<string>> {
  return await onDisk(folder, "read", async () => {
    const found = new Set<string>();
    for await (const { name } of await opendir(toFsPath(folder), { encoding: "latin1" })) {
      found.add(fromLatin1Name(name));
      if (found.size >= MOST_NAMES) break;
    }
    return found;
  });
}

/** Letters of other alphabets fold otherwise on every system. */
function swapped(name: string): string {
  return name.replaceAll(/[a-z]/giu, (letter) => {
    const upper = letter.toUpperCase();
    return letter === upper ? letter.toLowerCase() : upper;
  });
}
