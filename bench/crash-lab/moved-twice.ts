/**
 * How much was moved again because of a kill, by the store's own log. Pure.
 *
 * A run is the time from one start of the program to the next; run `n` was ended by kill `n`. What
 * run `n` was the last to move before it moved again is counted for kill `n`.
 */

/** A line of the store's log, as far as it is needed. */
export type Exchange = {
  readonly atMs: number;
  readonly op?: string | undefined;
  readonly key: string;
  readonly partNumber?: number | undefined;
  /** `start-end`, half-open. */
  readonly range?: string | undefined;
  readonly bodyBytesIn: number;
  readonly bodyBytesOut: number;
};

export type Twice = {
  /** Parts that were sent again, and objects that were moved again as one piece. */
  bodies: number;
  /** Bytes of ranges that were fetched again. */
  bytes: number;
  /** For a person who looks for the reason. */
  readonly what: string[];
};

const none = (): Twice => ({ bodies: 0, bytes: 0, what: [] });

/**
 * @param startsMs when each run began, ascending, on the clock of the log.
 * @returns for each run, what was moved again because it was killed; the last one's is nothing.
 * `within` is what a run moved again by itself.
 */
export function movedTwice(
  log: readonly Exchange[],
  startsMs: readonly number[],
): { readonly perKill: readonly Twice[]; readonly within: Twice } {
  const tally = new Tally(startsMs.length);
  for (const exchange of log) {
    const run = Math.max(
      0,
      startsMs.findLastIndex((startMs) => startMs <= exchange.atMs),
    );
    if (isBody(exchange)) tally.addBody(exchange, run);
    else if (exchange.op === "GetObject" && exchange.range !== undefined) {
      tally.addRange(exchange, Number(exchange.range.split("-")[0]), run);
    }
  }
  return tally;
}

class Tally {
  readonly perKill: readonly Twice[];
  readonly within = none();
  /** Of each body, the run that moved it last. */
  readonly #bodies = new Map<string, number>();
  readonly #spans = new Map<string, Span[]>();

  constructor(runCount: number) {
    this.perKill = Array.from({ length: runCount }, none);
  }

  addBody({ key, partNumber, atMs }: Exchange, run: number): void {
    const unit = `${key}#${partNumber ?? "whole"}`;
    const last = this.#bodies.get(unit);
    this.#bodies.set(unit, run);
    if (last === undefined) return;
    const twice = this.#after(last, run);
    twice.bodies += 1;
    twice.what.push(`${unit} in run ${run + 1} at ${atMs}`);
  }

  addRange({ key, bodyBytesOut, atMs }: Exchange, start: number, run: number): void {
    const span = { start, end: start + bodyBytesOut, run };
    const known = this.#spans.get(key) ?? [];
    for (const piece of piecesUnder(known, span)) {
      const twice = this.#after(piece.run, run);
      twice.bytes += piece.end - piece.start;
      twice.what.push(`${piece.start}-${piece.end} in run ${run + 1} at ${atMs}`);
    }
    this.#spans.set(key, [...known.flatMap((each) => without(each, span)), span]);
  }

  /** What the end of run `last` is to blame for. */
  #after(last: number, run: number): Twice {
    return last < run ? (this.perKill[last] ?? this.within) : this.within;
  }
}

/** What is moved by one request alone, or not at all. */
function isBody({ op, range, bodyBytesIn, bodyBytesOut }: Exchange): boolean {
  if (op === "GetObject") return range === undefined && bodyBytesOut > 0;
  return (op === "UploadPart" || op === "PutObject") && bodyBytesIn > 0;
}

type Span = { readonly start: number; readonly end: number; readonly run: number };

function piecesUnder(spans: readonly Span[], over: Span): Span[] {
  return spans.flatMap((span) => {
    const piece = {
      ...span,
      start: Math.max(span.start, over.start),
      end: Math.min(span.end, over.end),
    };
    return piece.start < piece.end ? [piece] : [];
  });
}

function without(span: Span, cut: Span): Span[] {
  const before = { ...span, end: Math.min(span.end, cut.start) };
  const after = { ...span, start: Math.max(span.start, cut.end) };
  return [before, after].filter(({ start, end }) => start < end);
}
