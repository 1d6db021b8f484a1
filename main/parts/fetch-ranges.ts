import { LonghaulError } from "#shared/errors.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { RangeSet } from "../bytes/range-set.ts";
import type { Piece } from "../stores/store.ts";
import type { FetchMeans } from "./fetch-range.ts";
import { fetchRange } from "./fetch-range.ts";
import type { PlannedRange } from "./plan-ranges.ts";
import { pieceIndexAt, planRanges } from "./plan-ranges.ts";
import type { Task } from "./run-lanes.ts";
import { runLanes, runTogether } from "./run-lanes.ts";

/** What an earlier run left unproven is digested this many pieces at a time, beside the requests. */
const CHECK_LANES = 2;

/** A piece that is wrong this often is wrong at the origin, or in this machine. */
const MAX_WRONG = 2;

/**
 * Moves everything that is missing into the file, and proves every piece by its digest: of the bytes
 * as they arrive where a request holds the piece whole, else of the file when its last byte is there.
 * A piece that is wrong is moved once more.
 *
 * @param pieces Null where the origin has no digests: then nothing is proven here.
 * @throws {LonghaulError} as `fetchRange`; `corrupt` for a piece that is wrong twice.
 */
export async function fetchRanges(
  pieces: readonly Piece[] | null,
  means: FetchMeans,
  signal: AbortSignal,
): Promise<void> {
  const { object, landing, tools } = means;
  const have = landing.written;
  const within = { start: 0, end: object.sizeBytes };
  const proof = pieces === null ? null : new PieceProof(pieces, means);

  const check = async (piece: Piece, laneSignal: AbortSignal): Promise<void> => {
    if (have.has(piece)) await proof?.proveRange({ ...piece, number: 1, cuts: [] }, [], laneSignal);
  };
  const fetch = async (range: PlannedRange, laneSignal: AbortSignal): Promise<void> => {
    const digests = await fetchRange(range, means, laneSignal);
    tools.observer.done({ start: range.start, end: range.end }, false);
    await proof?.proveRange(range, digests, laneSignal);
  };
  const planned = planRanges({ within, pieces, have, maxBytes: tools.rangeBytes });
  const checks: Task = (taskSignal) =>
    runLanes(CHECK_LANES, (pieces ?? []).values(), check, taskSignal);
  const fetches: Task = (taskSignal) => runLanes(tools.lanes, planned, fetch, taskSignal);
  await runTogether([checks, fetches], signal);
}

/** Compares pieces with what the origin says of them, each once. */
class PieceProof {
  readonly #pieces: readonly Piece[];
  readonly #means: FetchMeans;
  /** Being compared by some lane now. */
  readonly #underWay = new Set<Piece>();

  constructor(pieces: readonly Piece[], means: FetchMeans) {
    this.#pieces = pieces;
    this.#means = means;
  }

  /** Proves the pieces that this range completed. @param digests One for each of its cuts, or none. */
  async proveRange(
    range: PlannedRange,
    digests: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const first = pieceIndexAt(this.#pieces, range.start);
    const last = pieceIndexAt(this.#pieces, range.end - 1);
    for (let index = first; index <= last; index += 1) {
      const piece = this.#pieces[index];
      if (piece === undefined || !this.#isReady(piece)) continue;
      this.#underWay.add(piece);
      await this.#prove(piece, digests[index - first], signal);
      this.#underWay.delete(piece);
    }
  }

  #isReady(piece: Piece): boolean {
    const { written, proven } = this.#means.landing;
    return written.has(piece) && !proven.has(piece) && !this.#underWay.has(piece);
  }

  async #prove(piece: Piece, known: string | undefined, signal: AbortSignal): Promise<void> {
    let digest = known ?? (await this.#readBack(piece, signal));
    for (let wrong = 1; digest !== piece.sha256; wrong += 1) {
      if (wrong >= MAX_WRONG) throw corrupt(this.#means.object.key, piece);
      await this.#fetchAgain(piece, signal);
      digest = await this.#readBack(piece, signal);
    }
    this.#means.landing.proved(piece);
  }

  async #readBack({ start, end }: Piece, signal: AbortSignal): Promise<string> {
    const { path, tools } = this.#means;
    const order = {
      source: { path, start, end },
      algorithm: "sha256",
      meter: tools.meter,
      isBeingWritten: true,
    } as const;
    return await tools.wire.digest(order, signal);
  }

  async #fetchAgain(piece: Piece, signal: AbortSignal): Promise<void> {
    const { observer, rangeBytes } = this.#means.tools;
    const { start, end } = piece;
    observer.undone({ start, end });
    observer.movedTwice(lengthOf(piece));
    const plan = { within: piece, pieces: null, have: RangeSet.empty, maxBytes: rangeBytes };
    for (const range of planRanges(plan)) await fetchRange(range, this.#means, signal);
    observer.done({ start, end }, false);
  }
}

function corrupt(key: string, { start, end }: Piece): LonghaulError {
  return new LonghaulError(
    "corrupt",
    `bytes ${start}-${end} of ${key} are not what the origin says`,
    {
      details: { key, cause: "piece-sha256" },
    },
  );
}
