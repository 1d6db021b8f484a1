import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { LOCK_FILE } from "./home-folder.ts";

/** Who runs an engine in a home. For people: whether one runs is only for the lock to say. */
export const LockHolder = z.strictObject({
  pid: z.int(),
  /** As a person would name it: `longhaul serve`, `Longhaul`. */
  program: z.string(),
  /** Wall clock, milliseconds. */
  sinceMs: z.number(),
});
export type LockHolder = z.infer<typeof LockHolder>;

export interface HomeLock {
  /** Safe to call twice. */
  release(): void;
}

const HOLDER_FILE = "lock.json";
const SQLITE_BUSY = 5;

/**
 * Takes a home for this process, or fails at once.
 *
 * Node has no file lock of its own, so an exclusive transaction on an empty SQLite file stands for
 * it: the kernel ends it with the process, however that dies, and a pid that is used again means
 * nothing.
 *
 * @throws {LonghaulError} `locked`, with who has it in `details.holder` as far as it is known;
 * `disk-failed` when the lock cannot be tried.
 */
export function lockHome(home: string, holder: LockHolder): HomeLock {
  const database = openLockFile(home);
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw toLockError(error, home);
  }
  const release = () => {
    if (!database.isOpen) return;
    // First the name, then the lock: the next one's name must not be removed.
    rmSync(join(home, HOLDER_FILE), { force: true });
    database.close();
  };
  try {
    writeHolder(home, holder);
  } catch (error) {
    release();
    throw toLockError(error, home);
  }
  return { release };
}

/** Who has the home, as far as it is known; null also while one is just starting. */
export function readLockHolder(home: string): LockHolder | null {
  try {
    return LockHolder.parse(JSON.parse(readFileSync(join(home, HOLDER_FILE), "utf8")));
  } catch {
    // Absent, cut short or of another version: who it is, is not known.
    return null;
  }
}

function describeHolder({ program, pid }: LockHolder): string {
  return `${program}, process ${pid}`;
}

function openLockFile(home: string): DatabaseSync {
  const path = join(home, LOCK_FILE);
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw toLockError(error, home);
  }
}

/** Whole or not at all, for whoever reads it at that moment. */
function writeHolder(home: string, holder: LockHolder): void {
  const path = join(home, HOLDER_FILE);
  writeFileSync(`${path}.tmp`, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

function toLockError(thrown: unknown, home: string): LonghaulError {
  const isTaken =
    thrown instanceof Error && "errcode" in thrown && Number(thrown.errcode) === SQLITE_BUSY;
  if (!isTaken) {
    return new LonghaulError("disk-failed", `the lock of ${home} cannot be tried`, {
      details: { path: home },
      cause: thrown,
    });
  }
  const holder = readLockHolder(home);
  return new LonghaulError("locked", `another engine runs in ${home}`, {
    details: holder === null ? { path: home } : { path: home, holder: describeHolder(holder) },
    cause: thrown,
  });
}
