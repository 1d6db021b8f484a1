import { withCommit } from "../transfers/with-commit.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { Clock } from "../flow/clock.ts";
import type { Journal } from "../transfers/journal.ts";
import { LonghaulError } from "#shared/errors.ts";

/** Whoever could not write tries again sooner; after that nobody wants to, and nothing is known. */
const FORGOTTEN_AFTER_MS = 30_000;

export type WatchedJournal = {
  readonly journal: Journal;
  /** Why the list of transfers cannot be written, as far as it was tried lately; null: it can. */
  readonly trouble: () => ErrorInfo | null;
};

/** The same journal, which remembers whether its disk takes what is written. @param home Named in the trouble. */
export function watchJournal(inner: Journal, home: string, clock: Clock): WatchedJournal {
  let last: { readonly error: ErrorInfo; readonly atMs: number } | null = null;
  const commit: Journal["commit"] = async (changes) => {
    try {
      await inner.commit(changes);
      if (changes.length > 0) last = null;
    } catch (error) {
      if (isOfDisk(error)) last = { error: ofHome(error, home), atMs: clock.nowMs() };
      throw error;
    }
  };
  const journal = withCommit(inner, commit);
  const isRecent = (atMs: number) => clock.nowMs() - atMs < FORGOTTEN_AFTER_MS;
  return { journal, trouble: () => (last !== null && isRecent(last.atMs) ? last.error : null) };
}

function isOfDisk(error: unknown): error is LonghaulError {
  if (!(error instanceof LonghaulError)) return false;
  return error.code === "disk-full" || error.code === "disk-failed";
}

function ofHome({ code, message, details }: LonghaulError, home: string): ErrorInfo {
  return { code, message, details: { ...details, path: home } };
}
