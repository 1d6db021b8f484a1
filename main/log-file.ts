import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import type { EngineHost } from "./engine-host.ts";

/** In the home. */
const LOG_FOLDER = "logs";
/** The newest; older ones are `longhaul.1.log` to `longhaul.9.log`. */
const LOG_NAME = "longhaul";

type LogLimits = { readonly fileBytes: number; readonly fileCount: number };

/** Ten files of 10 MB, whatever is logged. */
const LIMITS: LogLimits = { fileBytes: 10_000_000, fileCount: 10 };
/** Characters that wait for a disk that takes none; later lines are dropped. */
const MOST_UNWRITTEN = 1_000_000;
/** Of one line: a text that a server made must not fill a file. */
const LINE_MAX_CHARACTERS = 16_384;

export function logFolderOf(home: string): string {
  return join(home, LOG_FOLDER);
}

/** Of the newest file. */
export function logPathOf(home: string): string {
  return pathOf(logFolderOf(home), 0);
}

/** The log of a home: JSON lines, in files that take turns. `redact` takes secrets out of every text. */
export function openLogFile(
  home: string,
  redact: (text: string) => string,
  limits: LogLimits = LIMITS,
): EngineHost["log"] {
  const folder = logFolderOf(home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = new TurningFile(folder, limits);
  const logger = pino(
    { base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    file,
  );
  return (level, text) => logger[level](redact(text).slice(0, LINE_MAX_CHARACTERS));
}

/** Sets the file aside when the next line would make it too long, and removes the oldest. */
class TurningFile {
  readonly #folder: string;
  readonly #limits: LogLimits;
  #file: ReturnType<typeof pino.destination>;
  #lengthBytes: number;

  constructor(folder: string, limits: LogLimits) {
    this.#folder = folder;
    this.#limits = limits;
    const found = statSync(pathOf(folder, 0), { throwIfNoEntry: false });
    this.#lengthBytes = found?.size ?? 0;
    this.#file = open(folder);
  }

  write(line: string): void {
    const lineBytes = Buffer.byteLength(line);
    if (this.#lengthBytes > 0 && this.#lengthBytes + lineBytes > this.#limits.fileBytes) {
      this.#turn();
    }
    this.#lengthBytes += lineBytes;
    this.#file.write(line);
  }

  #turn(): void {
    this.#file.end();
    const { fileCount } = this.#limits;
    rmSync(pathOf(this.#folder, fileCount - 1), { force: true });
    for (let age = fileCount - 2; age >= 0; age -= 1) {
      const from = pathOf(this.#folder, age);
      if (statSync(from, { throwIfNoEntry: false }))
        renameSync(from, pathOf(this.#folder, age + 1));
    }
    this.#lengthBytes = 0;
    this.#file = open(this.#folder);
  }
}

/** Written at once: the lines before a crash are the ones that matter, and there are few. */
function open(folder: string): ReturnType<typeof pino.destination> {
  const dest = pathOf(folder, 0);
  const file = pino.destination({ dest, sync: true, mode: 0o600, maxLength: MOST_UNWRITTEN });
  // A disk that is full must not end the engine for want of a log: the lines wait, or are lost.
  file.on("error", () => undefined);
  return file;
}

function pathOf(folder: string, age: number): string {
  return join(folder, age === 0 ? `${LOG_NAME}.log` : `${LOG_NAME}.${age}.log`);
}
