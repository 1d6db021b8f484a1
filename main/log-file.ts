import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import type { EngineHost } from "./engine-host.ts";

/** At a start the file is set aside when it is longer; one older one is kept. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The log of a home: `longhaul.log`, JSON lines. `redact` takes secrets out of every text. */
export function openLogFile(home: string, redact: (text: string) => string): EngineHost["log"] {
  const path = join(home, "longhaul.log");
  setAside(path);
  // Written at once: the lines before a crash are the ones that matter, and there are few.
  const file = pino.destination({ dest: path, sync: true, mode: 0o600 });
  const logger = pino(
    { base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    file,
  );
  return (level, text) => logger[level](redact(text));
}

function setAside(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && found.size > MAX_BYTES) renameSync(path, `${path}.1`);
}
