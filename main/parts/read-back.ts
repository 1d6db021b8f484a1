import { LonghaulError } from "#shared/errors.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { RangeSet } from "../bytes/range-set.ts";
import type { ObjectInfo } from "../stores/store.ts";
import type { PlannedRange } from "./plan-ranges.ts";
import { planRanges } from "./plan-ranges.ts";
import type { MoveTools } from "./ports.ts";
import type { ReadFile } from "./prove-by-crc.ts";
import { runLanes } from "./run-lanes.ts";
import { takeTurn } from "./take-turn.ts";

/** Ranges fetched at once; each also reads the file. */
const READ_LANES = 4;

/** A range that differs once may have been damaged on its way back. */
const MAX_WRONG = 2;

/**
 * Fetches an object again, range by range, and compares it with a file by SHA-256. Nothing is written.
 *
 * @throws {LonghaulError} `corrupt` for a range that differs twice; `object-changed` when the object is
 * another one by now; whatever the store or the disk says that no retry mends; AbortError.
 */
export async function readBack(
  file: ReadFile,
  object: ObjectInfo,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<void> {
  const { observer, rangeBytes } = tools;
  observer.stage("verifying");
  observer.verified(0);
  const within = { start: 0, end: object.sizeBytes };
  const plan = planRanges({ within, pieces: null, have: RangeSet.empty, maxBytes: rangeBytes });
  let doneBytes = 0;
  const compare = async (range: PlannedRange, laneSignal: AbortSignal): Promise<void> => {
    await compareRange(range, { file, object, tools }, laneSignal);
    doneBytes += lengthOf(range);
    observer.verified(doneBytes);
  };
  await runLanes(READ_LANES, plan, compare, signal);
}

type Means = {
  readonly file: ReadFile;
  readonly object: ObjectInfo;
  readonly tools: MoveTools;
};

async function compareRange(range: PlannedRange, means: Means, signal: AbortSignal): Promise<void> {
  const { path } = means.file;
  const { start, end } = range;
  for (let wrong = 0; wrong < MAX_WRONG; wrong += 1) {
    const order = { source: { path, start, end }, algorithm: "sha256" } as const;
    const ours = await means.tools.wire.digest(order, signal);
    const theirs = await digestOfObject(range, means, signal);
    if (theirs === ours) return;
    if (theirs === null) return await compareHalves(range, means, signal);
  }
  const { key } = means.object;
  throw new LonghaulError("corrupt", `read back, bytes ${start}-${end} of ${key} are other bytes`, {
    details: { key, path, cause: "read-back" },
  });
}

/** The cap has fallen since the range was planned. */
async function compareHalves(range: PlannedRange, means: Means, signal: AbortSignal) {
  const middle = range.start + Math.ceil(lengthOf(range) / 2);
  await compareRange({ ...range, end: middle }, means, signal);
  await compareRange({ ...range, start: middle }, means, signal);
}

/** Null when the range is too long for the cap of now. */
async function digestOfObject(
  range: PlannedRange,
  { object, tools }: Means,
  signal: AbortSignal,
): Promise<string | null> {
  const asked: ByteRange = { start: range.start, end: range.end };
  const operation = { kind: "get", object, range: asked } as const;
  const attempt = async (): Promise<string | null> => {
    const giveBack = await takeTurn(tools, signal);
    try {
      const { request, expect } = await tools.store.sign(operation, signal);
      const target = { path: "", ...asked };
      const order = { request, expect, target, cuts: [asked.end], isDropped: true };
      const received = await tools.wire.receive({ ...order, meter: tools.meter }, signal);
      if (received.outcome === "whole") return received.digests[0] ?? "";
      if (received.outcome === "cut") throw received.error;
      if (received.outcome === "unasked") return null;
      throw tools.store.explainRefusal(operation, received.response);
    } finally {
      giveBack();
    }
  };
  return await tools.retry.run(range.number, attempt, signal);
}
