import { access, constants, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { explainError } from "#shared/error-words.ts";
import { formatBytes } from "#shared/format.ts";
import { readVolumeOf } from "./disk/free-space.ts";
import { openHomeFolder } from "./disk/home-folder.ts";
import { lockHome, readLockHolder } from "./disk/home-lock.ts";
import { logFolderOf } from "./log-file.ts";
import { canUseWal } from "./transfers/journal-file.ts";

/** One thing that was looked at: what is the case, and for a failure what to do. */
export type DoctorCheck = {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly found: string;
  /** Empty unless it failed. */
  readonly remedy: string;
};

/** Less room than this and the next large file may not fit: the journal alone needs some. */
const LEAST_FREE_BYTES = 1_000_000_000;

type Surroundings = {
  readonly home: string;
  readonly program: string;
  readonly nowMs: number;
  readonly nodeVersion: string;
  readonly sqliteVersion: string;
};

type Verdict = Omit<DoctorCheck, "name">;

/** Looks at this machine and the home, without an engine: one is not needed, and may not start. */
export async function examineHome(where: Surroundings): Promise<readonly DoctorCheck[]> {
  const { home } = where;
  return [
    await check("versions", async () => versions(where)),
    await check("home", async () => await homeFolder(home)),
    await check("lock", async () => lock(where)),
    await check("space", async () => await space(home)),
    await check("journal", async () => journal(join(home, "journal.db"))),
    await check("logs", async () => await logs(home)),
  ];
}

/** The same of a home whose engine this is: nothing that holds it up. */
export async function examineRunning(
  where: Omit<Surroundings, "program" | "nowMs">,
): Promise<readonly DoctorCheck[]> {
  const { home } = where;
  return [
    await check("versions", async () => versions(where)),
    await check("home", async () => await homeFolder(home)),
    await check("space", async () => await space(home)),
    await check("logs", async () => await logs(home)),
  ];
}

async function check(name: string, look: () => Promise<Verdict>): Promise<DoctorCheck> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, ...failedBy(error) };
  }
}

/** A failure in the words that a person reads elsewhere. */
export function failedBy(error: unknown): Verdict {
  const info = toErrorInfo(error);
  const { what, why, todo } = explainError(info);
  const own = error instanceof LonghaulError && why === "" ? error.message : why;
  return failed([what, own].filter((sentence) => sentence !== "").join(" "), todo);
}

function passed(found: string): Verdict {
  return { outcome: "passed", found, remedy: "" };
}

function failed(found: string, remedy: string): Verdict {
  return { outcome: "failed", found, remedy };
}

function versions({
  nodeVersion,
  sqliteVersion,
}: Pick<Surroundings, "nodeVersion" | "sqliteVersion">): Verdict {
  const found = `Node ${nodeVersion}, SQLite ${sqliteVersion}`;
  if (canUseWal(sqliteVersion)) return passed(found);
  return failed(
    `${found}: this SQLite can damage a write-ahead log, so the journal is written without one, slowly`,
    "Run Longhaul with a newer Node.",
  );
}

async function homeFolder(home: string): Promise<Verdict> {
  await openHomeFolder(home);
  await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  return passed(`${home} can be written, is closed to others and on a disk of this machine`);
}

function lock({ home, program, nowMs }: Surroundings): Verdict {
  try {
    lockHome(home, { pid: process.pid, program, sinceMs: nowMs }).release();
    return passed("free: no engine runs in this home");
  } catch (error) {
    const isTaken = error instanceof LonghaulError && error.code === "locked";
    if (!isTaken) throw error;
    const holder = readLockHolder(home);
    return passed(`held by ${holder ? `${holder.program}, process ${holder.pid}` : "an engine"}`);
  }
}

async function space(home: string): Promise<Verdict> {
  const { freeBytes } = await readVolumeOf(home);
  const found = `${formatBytes(freeBytes, "decimal")} free where the home is`;
  if (freeBytes >= LEAST_FREE_BYTES) return passed(found);
  return failed(found, "Free some space: the journal cannot be written on a full disk.");
}

/** For reading only, also while an engine has it open. */
function journal(path: string): Verdict {
  const database = openForReading(path);
  if (database === null) return passed("not there yet: the first transfer makes it");
  try {
    const found = String(database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"]);
    if (found === "ok") return passed("whole");
    return failed(
      `${path} is damaged: ${found}`,
      "Start Longhaul: it sets the damaged file aside, and goes on with the newest whole copy, or a new one.",
    );
  } finally {
    database.close();
  }
}

function openForReading(path: string): DatabaseSync | null {
  try {
    return new DatabaseSync(path, { readOnly: true });
  } catch {
    return null;
  }
}

async function logs(home: string): Promise<Verdict> {
  const folder = logFolderOf(home);
  const names = await readdir(folder).catch(() => []);
  return passed(`${names.length} ${names.length === 1 ? "file" : "files"} in ${folder}`);
}
