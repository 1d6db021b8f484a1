import { open } from "node:fs/promises";
import type { CallHandlers } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { Profile } from "#shared/profile.ts";
import type { EngineHost } from "./engine-host.ts";
import type { Journal } from "./transfers/journal.ts";
import type { TransferBook } from "./transfers/transfer-book.ts";
import type { TransferRecord } from "./transfers/transfer-record.ts";
import { examineRunning } from "./doctor.ts";
import { logPathOf } from "./log-file.ts";

type Ports = {
  readonly host: Pick<EngineHost, "info" | "program" | "clock" | "redact">;
  readonly book: Pick<TransferBook, "list">;
  readonly journal: Pick<Journal, "items">;
  readonly calls: Pick<
    CallHandlers,
    "settings.get" | "profile.list" | "transfer.unfinished" | "limit.now"
  >;
};

/** Most errors that are told, newest first; of one transfer's items, the first few. */
const ERRORS_MAX = 100;
const ERRORS_OF_ITEMS_MAX = 10;
/** Of the newest log, from its end. */
const LOG_TAIL_BYTES = 256 * 1024;
const LOG_LINES_MAX = 200;
/** pino's number for "warn"; errors are above it. */
const WARN_LEVEL = 40;

export type Diagnostics = { readonly fileName: string; readonly text: string };

/**
 * What somebody who helps needs to know, as one JSON text: versions, what `longhaul doctor` sees of
 * a running engine, settings and profiles, what the journal counts, the last errors. Every text in
 * it goes through the host's redaction, on top of nothing in it being a secret by itself.
 */
export async function makeDiagnostics({ host, book, journal, calls }: Ports): Promise<Diagnostics> {
  const { info, program, clock, redact } = host;
  const made = new Date(clock.wallMs()).toISOString();
  const versions = {
    longhaul: info.version,
    host: info.kind,
    program,
    platform: info.platform,
    arch: process.arch,
    ...process.versions,
  };
  const surroundings = {
    home: info.home,
    nodeVersion: process.versions.node,
    sqliteVersion: process.versions["sqlite"] ?? "unknown",
  };
  const records = book.list();
  const left = await calls["transfer.unfinished"](null);
  const content = {
    made,
    versions,
    checks: await examineRunning(surroundings),
    settings: await calls["settings.get"](null),
    pace: await calls["limit.now"](null),
    profiles: (await calls["profile.list"](null)).map(({ profile, problem }) => ({
      profile: withoutKey(profile),
      problem,
    })),
    journal: {
      ...countsOf(records),
      unfinishedPieces: left.reduce((sum, one) => sum + one.pieceCount, 0),
    },
    errors: await errorsOf(records, journal),
    log: await lastTroubles(logPathOf(info.home)),
  };
  const clean = (_name: string, value: unknown) =>
    typeof value === "string" ? redact(value) : value;
  return {
    fileName: `longhaul-diagnostics-${made.slice(0, 19).replaceAll(":", "-")}.json`,
    text: `${JSON.stringify(content, clean, 2)}\n`,
  };
}

/** Whose key it is helps nobody who helps. */
function withoutKey(profile: Profile): object {
  const { credentials, ...rest } = profile;
  return { ...rest, credentials: { kind: credentials.kind } };
}

function countsOf(records: readonly TransferRecord[]) {
  const transfers: Record<string, number> = {};
  const items: Record<string, number> = {};
  for (const { state, totals } of records) {
    transfers[state.phase] = (transfers[state.phase] ?? 0) + 1;
    for (const [phase, count] of Object.entries(totals.counts)) {
      items[phase] = (items[phase] ?? 0) + count;
    }
  }
  return { transfers, items };
}

type ToldError = {
  readonly transfer: string;
  readonly item: number | null;
  readonly error: ErrorInfo;
};

async function errorsOf(
  records: readonly TransferRecord[],
  journal: Pick<Journal, "items">,
): Promise<readonly ToldError[]> {
  const told: ToldError[] = [];
  for (const record of records.toSorted((a, b) => b.createdAtMs - a.createdAtMs)) {
    if (told.length >= ERRORS_MAX) break;
    const { id, state } = record;
    const error = state.phase === "failed" || state.phase === "paused" ? state.error : null;
    if (error !== null) told.push({ transfer: id, item: null, error });
    if (record.totals.counts.failed === 0) continue;
    const page = { transferId: id, limit: ERRORS_OF_ITEMS_MAX, phases: ["failed" as const] };
    for (const row of await journal.items(page)) {
      if (row.error !== null) told.push({ transfer: id, item: row.index, error: row.error });
    }
  }
  return told.slice(0, ERRORS_MAX);
}

/** Warnings and errors at the end of the log, oldest first; a log that is not there has none. */
async function lastTroubles(path: string): Promise<readonly unknown[]> {
  const lines = (await endOf(path)).split("\n").flatMap((line): unknown[] => {
    try {
      return [JSON.parse(line)];
    } catch {
      // The first line may be cut, the last is empty.
      return [];
    }
  });
  return lines.filter(isTrouble).slice(-LOG_LINES_MAX);
}

function isTrouble(line: unknown): boolean {
  if (typeof line !== "object" || line === null || !("level" in line)) return false;
  return typeof line.level === "number" && line.level >= WARN_LEVEL;
}

async function endOf(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return "";
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.min(size, LOG_TAIL_BYTES)),
      position: start,
    });
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}
