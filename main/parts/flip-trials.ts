import { randomBytes, randomInt } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { LonghaulError } from "#shared/errors.ts";
import type { Receipt, Rung } from "#shared/transfer.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { fetchItem } from "./fetch-item.ts";
import type { StoreProxy, Way } from "./store-proxy.ts";
import type { RealRig } from "./real-rig.ts";
import { sendItem } from "./send-item.ts";

const never = new AbortController().signal;

/** Every so many objects is one of several parts and ranges. */
const LARGE_EVERY = 250;

export type FlipCounts = {
  /** Bits that were flipped on their way. */
  readonly flipped: Record<Way, number>;
  /** Of them, those after which bytes moved once more, or the move failed as wrong. */
  readonly caught: Record<Way, number>;
  /** Moves that ended well with other bytes: what must never be. */
  wrong: number;
  readonly rungs: Set<Rung>;
};

/**
 * Sends objects and fetches them again, with one bit flipped each way, and looks whether that is
 * noticed and whether what arrives in the end is right.
 */
export async function flipBits(
  rig: RealRig,
  proxy: StoreProxy,
  options: {
    readonly trials: number;
    readonly atOnce: number;
    /** Told after each trial. */
    readonly onTrial?: (counts: FlipCounts, done: number) => void;
  },
): Promise<FlipCounts> {
  const caught = { up: 0, down: 0 };
  const counts: FlipCounts = { flipped: proxy.flipped, caught, wrong: 0, rungs: new Set() };
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    for (let trial = next++; trial < options.trials; trial = next++) {
      await flipOnce(`flip-${trial}`, sizeOf(trial), { rig, proxy, counts });
      options.onTrial?.(counts, (done += 1));
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, lane));
  return counts;
}

function sizeOf(trial: number): number {
  return trial % LARGE_EVERY === LARGE_EVERY - 1 ? 6 * MiB : randomInt(1, 64 * KiB);
}

type Means = { readonly rig: RealRig; readonly proxy: StoreProxy; readonly counts: FlipCounts };

async function flipOnce(key: string, sizeBytes: number, { rig, proxy, counts }: Means) {
  const bytes = randomBytes(sizeBytes);
  const item = await rig.source(key, bytes);
  const journal = { saved: async () => undefined, stored: async () => undefined };
  const tools = { ...rig.tools, lanes: 2 };
  proxy.damage(key, "up", Math.random());
  const order = { ...item, partSizeBytes: 5 * MiB };
  const sent = await notices(sendItem(order, journal, tools, never), counts);
  counts.caught.up += sent;
  proxy.damage(key, "down", Math.random());
  const target = await rig.target(key, never);
  const isCaught = await notices(fetchItem(target, journal, tools, never), counts);
  counts.caught.down += isCaught;
  if (!readFileSync(target.path).equals(bytes)) counts.wrong += 1;
  rmSync(target.path);
  rmSync(item.path);
  tools.meter.free();
}

/** 1 when the move noticed damage. */
async function notices(move: Promise<Receipt>, { rungs }: FlipCounts): Promise<number> {
  try {
    const { rung, movedTwiceBytes } = await move;
    rungs.add(rung);
    return movedTwiceBytes > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof LonghaulError && error.code === "corrupt") return 1;
    throw error;
  }
}
