import type { CacheEntry, CacheEntryId, EntryTrouble } from "#shared/cache.ts";
import type { Formats } from "../common/use-formats.ts";
import { dayText } from "../common/day-text.ts";

/** The same string for the same entry, for maps and sets. */
export function idText({ path, origin, key }: CacheEntryId): string {
  return JSON.stringify([path, origin, key]);
}

export function idOf({ path, origin, key }: CacheEntryId): CacheEntryId {
  return { path, origin, key };
}

/** What the object is called, without what it lies under. */
export function nameOf(key: string): string {
  const bare = key.replace(/\/$/, "");
  return bare.slice(bare.lastIndexOf("/") + 1) || key;
}

type Place = Pick<CacheEntry, "bucket" | "key" | "profileName">;

/** What the object lies under, and whose keys get it: `models/llama, company`. */
export function placeOf({ bucket, key, profileName }: Place): string {
  const folder = key.slice(0, Math.max(0, key.replace(/\/$/, "").lastIndexOf("/")));
  const where = folder === "" ? bucket : `${bucket}/${folder}`;
  return `${where}, ${profileName ?? "its profile is gone"}`;
}

export function addressOf({ bucket, key }: Pick<CacheEntry, "bucket" | "key">): string {
  return `s3://${bucket}/${key}`;
}

/** `39.6 GB`, or why deleting gives nothing back. */
export function freesText({ frees, freesBytes }: CacheEntry, { bytes }: Formats): string {
  return frees === "own" ? "not ours" : bytes(freesBytes);
}

export const FREES_WHY: Readonly<Record<CacheEntry["frees"], string>> = {
  all: "Nobody else is known to hold its bytes.",
  shared: "A file of yours on the same disk shares its bytes.",
  own: "It is your file. Longhaul never deletes it.",
};

export const KIND_WORDS: Readonly<Record<CacheEntry["kind"], string>> = {
  managed: "Kept",
  own: "Yours",
};

type TroubleWords = { readonly short: string; readonly why: string };

export const TROUBLE_WORDS: Readonly<Record<EntryTrouble, TroubleWords>> = {
  damaged: {
    short: "Damaged",
    why: "Its bytes are not the object's. Repair fetches only what is wrong.",
  },
  changed: {
    short: "Changed since",
    why: "Somebody wrote to the file, so it is not used as a copy any more.",
  },
  missing: {
    short: "Missing",
    why: "The file is gone, or its disk is not there. It is used again when it is back.",
  },
};

export function verifiedText({ verifiedAtMs }: CacheEntry, nowMs: number): string {
  return verifiedAtMs === null ? "not since added" : dayText(verifiedAtMs, nowMs);
}

type Spoken = { readonly formats: Formats; readonly nowMs: number };

/** A row as one sentence. */
export function sentenceOf(entry: CacheEntry | undefined, { formats, nowMs }: Spoken): string {
  if (!entry) return "Not loaded yet";
  return [
    nameOf(entry.key),
    placeOf(entry),
    entry.kind === "own" ? "your file" : "kept by Longhaul",
    formats.bytes(entry.sizeBytes),
    entry.frees === "own" ? null : `frees ${formats.bytes(entry.freesBytes)}`,
    `last used ${dayText(entry.usedAtMs, nowMs)}`,
    `verified ${verifiedText(entry, nowMs)}`,
    entry.isPinned ? "pinned" : null,
    entry.isQueued ? "in use by a transfer" : null,
    entry.trouble && TROUBLE_WORDS[entry.trouble].short.toLowerCase(),
  ]
    .filter((part) => part !== null)
    .join(", ");
}
