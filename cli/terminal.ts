import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { LonghaulError } from "#shared/errors.ts";

/** The three standard streams, as far as commands need them. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  /** Standard output is a terminal; results go there either way. */
  readonly isOutTty: boolean;
  /** Standard error is a terminal that can be drawn on: bars and colours make sense. */
  readonly isErrTty: boolean;
  /** A person can be asked: input and standard error are terminals. */
  readonly canAsk: boolean;
  /** Columns of standard error, at least 20. */
  columns(): number;
  /** One line of result. */
  out(line: string): void;
  /** Resolves when whoever reads standard output took what was written; at once if nobody lags. */
  outTaken(): Promise<void>;
  /** One line of anything else. */
  err(line: string): void;
  /** Control sequences for standard error, as they are. */
  draw(text: string): void;
  /** @throws AbortError when the signal aborts first. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** The same, without showing what is typed. */
  askHidden(question: string, signal: AbortSignal): Promise<string>;
  /**
   * All of standard input, without the line break at its end.
   *
   * @param maxCharacters 16 Ki if left out: longer than any secret. @throws {LonghaulError} `invalid` beyond.
   */
  readInput(maxCharacters?: number): Promise<string>;
}

const SECRET_MAX_CHARACTERS = 16 * 1024;

export function systemTerminal(): Terminal {
  quitQuietlyWhenUnread();
  const isDumb = process.env.TERM === "dumb";
  const isErrTty = process.stderr.isTTY && !isDumb;
  return {
    env: process.env,
    isOutTty: process.stdout.isTTY,
    isErrTty,
    canAsk: process.stdin.isTTY && process.stderr.isTTY,
    columns: () => Math.max(20, process.stderr.columns ?? 80),
    out: (line) => void process.stdout.write(`${line}\n`),
    outTaken,
    err: (line) => void process.stderr.write(`${line}\n`),
    draw: (text) => void process.stderr.write(text),
    ask: (question, signal) => askOn(process.stderr, question, signal),
    askHidden: async (question, signal) => {
      process.stderr.write(question);
      const answer = await askOn(nowhere(), "", signal);
      process.stderr.write("\n");
      return answer;
    },
    readInput,
  };
}

/** As long as the reader takes: that of a pager may be at lunch, and an interrupt ends the wait. */
async function outTaken(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
}

/** Resolves when all that was written is with its readers, also where pipes are not synchronous. */
export async function outputsTaken(): Promise<void> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(
    streams.map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve()))),
  );
}

/** `longhaul ls … | head` ends without a word. */
function quitQuietlyWhenUnread(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

/** Where a line that is being typed is not shown. */
function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

async function askOn(output: Writable, question: string, signal: AbortSignal): Promise<string> {
  // As a terminal: the editor of lines takes over showing what is typed, or not.
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return (await lines.question(question, { signal })).trim();
  } finally {
    lines.close();
  }
}

async function readInput(maxCharacters = SECRET_MAX_CHARACTERS): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > maxCharacters) {
      throw new LonghaulError("invalid", "standard input is longer than can be meant");
    }
  }
  return text.replace(/\r?\n$/, "");
}
