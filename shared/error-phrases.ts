import type { ErrorDetails } from "./errors.ts";
import { formatBytes, formatDuration } from "./format.ts";

/** Names for what an error is about, with something true to say where a detail is not known. */

export function profileOf({ profile }: ErrorDetails): string {
  return profile ?? "this profile";
}

/**
 * The keys that were used, and who they are. A command without a profile works under the name of
 * its endpoint, which has no keys of its own.
 */
export function keysOf(details: ErrorDetails): string {
  const { profile } = details;
  return isNamed(details) ? `the keys of ${profile}` : "the keys that it was given";
}

export function holderOf(details: ErrorDetails): string {
  return isNamed(details) ? profileOf(details) : "these keys";
}

function isNamed(details: ErrorDetails): boolean {
  return details.profile !== undefined && details.profile !== serverOf(details);
}

/** The endpoint as people say it: without the scheme. */
export function serverOf({ endpoint }: ErrorDetails): string {
  return endpoint?.replace(/^https?:\/\//, "").replace(/\/$/, "") ?? "the endpoint";
}

/** Without the port, which has no part in looking up a name. */
export function hostOf(details: ErrorDetails): string {
  return serverOf(details).replace(/:\d+$/, "");
}

export function bucketOf({ bucket }: ErrorDetails): string {
  return bucket === undefined ? "the bucket" : `the bucket ${bucket}`;
}

export function objectOf({ key }: ErrorDetails): string {
  return key === undefined ? "the object" : key;
}

export function pathOf({ path }: ErrorDetails): string {
  return path ?? "the file";
}

/** What the server was asked for: `write to the bucket models (s3:PutObject)`. */
export function deedOf(details: ErrorDetails): string {
  const { action } = details;
  if (action === undefined) return `do this in ${bucketOf(details)}`;
  const name = action.replace(/^s3:/, "");
  const shown = `(${action})`;
  if (name === "ListAllMyBuckets") return `list the buckets ${shown}`;
  if (name.startsWith("List")) return `list ${bucketOf(details)} ${shown}`;
  if (name.startsWith("Get") || name.startsWith("Head")) {
    return `read ${details.key ?? bucketOf(details)} ${shown}`;
  }
  if (name.startsWith("Delete")) return `delete in ${bucketOf(details)} ${shown}`;
  return `write to ${bucketOf(details)} ${shown}`;
}

/** `: 55.2 GB to go, 21.6 GB can be used`; empty where neither is known. */
export function spaceOf({ neededBytes, freeBytes }: ErrorDetails): string {
  const needed = neededBytes === undefined ? null : formatBytes(neededBytes, "decimal");
  const free = freeBytes === undefined ? null : formatBytes(freeBytes, "decimal");
  if (needed !== null && free !== null) return `: ${needed} to go, ${free} can be used`;
  if (needed !== null) return `: ${needed} to go`;
  return free === null ? "" : `: ${free} can be used`;
}

/** `9 min ahead`, `2 h 5 min behind`, or that it differs, where nobody knows by how much. */
export function clockOffsetOf({ clockAheadSeconds }: ErrorDetails): string {
  if (clockAheadSeconds === undefined) return "off";
  const minutes = Math.max(60, Math.round(Math.abs(clockAheadSeconds) / 60) * 60);
  return `${formatDuration(minutes)} ${clockAheadSeconds > 0 ? "ahead" : "behind"}`;
}

/** A log's message as a sentence. */
export function sentence(message: string): string {
  const trimmed = message.trim();
  if (trimmed === "") return "Something is not as it should be.";
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}

/** Begins a sentence with a phrase of ours; a name stays as it is written, `minio.lab` too. */
export function capital(phrase: string): string {
  return /^(the|this|these|some) /.test(phrase)
    ? phrase.charAt(0).toUpperCase() + phrase.slice(1)
    : phrase;
}
