import { isRetryable } from "#shared/errors.ts";
import type { LonghaulError } from "#shared/errors.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import type { CrcMap } from "../bytes/crc-map.ts";
import { KiB } from "../bytes/sizes.ts";
import type { ObjectInfo } from "../stores/store.ts";
import type { Landing } from "./landing.ts";
import type { PlannedRange } from "./plan-ranges.ts";
import type { MoveTools } from "./ports.ts";
import { takeTurn } from "./take-turn.ts";

/** A connection that is cut after less than this is one that does not work. */
const LEAST_PROGRESS_BYTES = 64 * KiB;

export type FetchMeans = {
  readonly object: ObjectInfo;
  /** Where the bytes go. */
  readonly path: string;
  readonly landing: Landing;
  /** Takes in the CRC of every range as it arrives, where the whole is to be proven by it. */
  readonly crcs?: CrcMap;
  readonly tools: MoveTools;
};

/**
 * Moves one range into the file, in as many requests as that takes: what came before a cut stays,
 * only the rest is asked for again, and a cut after some progress is no failure.
 *
 * @returns the digests at `cuts`; none when it took more than one request, and what was written is
 * to be read back.
 * @throws {LonghaulError} what the store or the wire said last; `disk-full`, `disk-failed`.
 */
export async function fetchRange(
  range: PlannedRange,
  means: FetchMeans,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { landing, tools } = means;
  let { start } = range;
  let mostBytes = lengthOf(range);
  let digests: readonly string[] = [];
  const attempt = async (): Promise<void> => {
    const rest = start === range.start ? range : { ...range, start, cuts: [] };
    const asked = startOf(rest, Math.min(mostBytes, tools.rangeBytes()));
    const got = await receive(asked, means, signal);
    if (got === "unasked") {
      mostBytes = Math.ceil(lengthOf(asked) / 2);
      return;
    }
    const came = { start, end: start + got.bytes };
    start = came.end;
    digests = got.digests;
    await landing.wrote(came);
    if (got.cut !== null && !isProgress(got.bytes, got.cut)) throw got.cut;
  };
  while (start < range.end) await tools.retry.run(range.number, attempt, signal);
  return digests;
}

/** As much of a range as may be asked for now: the cap may have fallen since it was planned. */
function startOf(range: PlannedRange, mostBytes: number): PlannedRange {
  if (lengthOf(range) <= mostBytes) return range;
  return { ...range, end: range.start + mostBytes, cuts: [] };
}

function isProgress(bytes: number, { code }: LonghaulError): boolean {
  return bytes >= LEAST_PROGRESS_BYTES && isRetryable(code);
}

type Got = {
  readonly bytes: number;
  readonly digests: readonly string[];
  /** What ended the body before its end; null when it is whole. */
  readonly cut: LonghaulError | null;
};

/** One request, signed when its turn has come. */
async function receive(
  range: PlannedRange,
  { object, path, tools, crcs }: FetchMeans,
  signal: AbortSignal,
): Promise<Got | "unasked"> {
  const { store, wire, meter, observer } = tools;
  const { start, end } = range;
  const asked = { start, end };
  const digests =
    crcs === undefined ? { cuts: range.cuts } : { cuts: [end], algorithm: crcs.algorithm };
  const giveBack = await takeTurn(tools, signal);
  observer.started(asked);
  try {
    const operation = { kind: "get", object, range: asked } as const;
    const { request, expect } = await store.sign(operation, signal);
    const target = { path, start, end };
    const received = await wire.receive({ request, expect, target, ...digests, meter }, signal);
    if (received.outcome === "refused") throw store.explainRefusal(operation, received.response);
    if (received.outcome === "unasked") return "unasked";
    if (received.outcome === "cut") {
      return { bytes: received.receivedBytes, digests: [], cut: received.error };
    }
    const [crc] = received.digests;
    if (crcs !== undefined && crc !== undefined) crcs.add(asked, crc);
    return { bytes: end - start, digests: received.digests, cut: null };
  } finally {
    observer.settled(asked);
    giveBack();
  }
}
