import { parentPort, workerData } from "node:worker_threads";
import { mutate } from "./mutate.ts";
import { goodArchives } from "./good-archives.ts";
import { randomOf } from "./random.ts";
import { unpackCase } from "./unpack-case.ts";

export type FuzzSetup = {
  readonly folder: string;
  readonly firstSeed: number;
  /** Wall clock. */
  readonly endAtMs: number;
};
export type FuzzReply = {
  readonly seed: number;
  readonly isRefused: boolean;
  /** What it did that it must not; empty when nothing. */
  readonly breaches: readonly string[];
};

const { folder, firstSeed, endAtMs }: FuzzSetup = workerData;
const archives = goodArchives();

for (let seed = firstSeed; Date.now() < endAtMs; seed += 1) {
  const random = randomOf(seed);
  const good = archives[random.below(archives.length)];
  if (good === undefined) throw new Error("there is no good archive");
  const reply: FuzzReply = { seed, ...(await unpackCase(folder, mutate(good, random), random)) };
  parentPort?.postMessage(reply, []);
}
