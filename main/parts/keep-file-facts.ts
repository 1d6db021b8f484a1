import { chmod, utimes } from "node:fs/promises";
import { toFsPath } from "../disk/local-path.ts";
import type { ObjectFacts } from "../stores/store.ts";
import { MODE_METADATA, MTIME_METADATA, parseMode, parseMtime } from "./file-metadata.ts";

const NS_PER_SECOND = 1_000_000_000n;
/** Whatever the object says, its owner can read and replace the file. */
const OWNER_RW = 0o600;

export const NOTE_TIME_NOT_KEPT = "This file system did not take the time of the file.";
export const NOTE_MODE_NOT_KEPT = "This file system did not take the permissions of the file.";

/**
 * Gives a file the time, and if asked the permissions, that its object names. They are worth less
 * than its bytes: what cannot be set is told and fails nothing.
 *
 * @returns what could not be set, in words; usually empty.
 */
export async function keepFileFacts(
  path: string,
  facts: ObjectFacts | undefined,
  isModeKept: boolean,
): Promise<string[]> {
  const mtimeNs = parseMtime(facts?.metadata[MTIME_METADATA]);
  const mode = isModeKept ? parseMode(facts?.metadata[MODE_METADATA]) : null;
  const notes: string[] = [];
  if (mtimeNs !== null) {
    // Node takes a double: apart, whole seconds stay whole and the rest is right to 0.2 microseconds.
    const fraction = Number(mtimeNs % NS_PER_SECOND) / Number(NS_PER_SECOND);
    const seconds = Number(mtimeNs / NS_PER_SECOND) + fraction;
    await utimes(toFsPath(path), seconds, seconds).catch(() => notes.push(NOTE_TIME_NOT_KEPT));
  }
  if (mode !== null) {
    const kept = chmod(toFsPath(path), mode | OWNER_RW);
    await kept.catch(() => notes.push(NOTE_MODE_NOT_KEPT));
  }
  return notes;
}
