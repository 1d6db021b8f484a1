import type { ErrorCode } from "#shared/errors.ts";
import { LonghaulError } from "#shared/errors.ts";

/** SQLite's primary result codes that a person or a retry can do something about. */
const SQLITE_CODES: Readonly<Record<number, { name: string; code: ErrorCode }>> = {
  3: { name: "SQLITE_PERM", code: "path-denied" },
  5: { name: "SQLITE_BUSY", code: "locked" },
  8: { name: "SQLITE_READONLY", code: "path-denied" },
  10: { name: "SQLITE_IOERR", code: "disk-failed" },
  11: { name: "SQLITE_CORRUPT", code: "disk-failed" },
  13: { name: "SQLITE_FULL", code: "disk-full" },
  14: { name: "SQLITE_CANTOPEN", code: "path-denied" },
  26: { name: "SQLITE_NOTADB", code: "disk-failed" },
};

/** The file's content is wrong, as opposed to a disk that is full or away. */
export function isDamage(thrown: unknown): boolean {
  const cause = thrown instanceof LonghaulError ? thrown.details.cause : known(thrown)?.name;
  return cause === "SQLITE_CORRUPT" || cause === "SQLITE_NOTADB";
}

/** What SQLite threw, in the closed set; a mistake of ours in SQL stays `internal`. */
export function toJournalError(thrown: unknown, path: string): LonghaulError {
  if (thrown instanceof LonghaulError) return thrown.withDetails({ path });
  const found = known(thrown);
  return new LonghaulError(found?.code ?? "internal", `journal: ${String(thrown)}`, {
    details: found === undefined ? { path } : { path, cause: found.name },
    cause: thrown,
  });
}

function known(thrown: unknown): { name: string; code: ErrorCode } | undefined {
  if (!(thrown instanceof Error) || !("errcode" in thrown)) return undefined;
  // Extended codes carry the primary one in their lowest byte.
  return SQLITE_CODES[Number(thrown.errcode) & 0xff];
}
