import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { onDisk } from "./disk-errors.ts";
import { fromLatin1Name, toFsPath } from "./local-path.ts";
import { findAt } from "./stat-file.ts";

/** More names tell no more. */
const MOST_NAMES = 1000;

/**
 * Whether `A` and `a` name one file in a folder, as on a stick or a share of another system; found out
 * by what is in it, and false where that does not tell.
 */
export async function foldsCase(folder: string, find = findAt): Promise<boolean> {
  if ((await find(folder)) === undefined) return false;
  const names = await someNames(folder);
  const other = [...names].find((name) => swapped(name) !== name && !names.has(swapped(name)));
  if (other === undefined) return false;
  const [file, twin] = [await find(join(folder, other)), await find(join(folder, swapped(other)))];
  return file !== undefined && file.dev === twin?.dev && file.ino === twin.ino;
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
