import { StoreProxy } from "#main/parts/store-proxy.ts";
import { flipBits } from "#main/parts/flip-trials.ts";
import type { FlipCounts } from "#main/parts/flip-trials.ts";
import { RealRig } from "#main/parts/real-rig.ts";

const TRIALS = 10_000;
const TOLD_EVERY = 500;

/** `npm run lab:bits [TRIALS]`: flips one bit of every object each way; all must be caught. */
export async function labBits(): Promise<boolean> {
  const trials = Number(process.argv[3] ?? TRIALS);
  const opened = Promise.withResolvers<StoreProxy>();
  const rig = await RealRig.open(async (endpoint) => {
    const proxy = await StoreProxy.open(endpoint);
    opened.resolve(proxy);
    return proxy.endpoint;
  });
  const proxy = await opened.promise;
  rig.random = () => 0;
  const startedAtMs = performance.now();
  try {
    const onTrial = ({ caught, wrong }: FlipCounts, done: number): void => {
      if (done % TOLD_EVERY !== 0) return;
      say(`${done} objects: ${caught.up} caught up, ${caught.down} down, ${wrong} wrong`);
    };
    const options = { trials, atOnce: 16, onTrial };
    const { flipped, caught, wrong, rungs } = await flipBits(rig, proxy, options);
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    say(`up:   ${caught.up} of ${flipped.up} flipped bits caught`);
    say(`down: ${caught.down} of ${flipped.down} flipped bits caught`);
    say(`wrong bytes at the end: ${wrong}; proof: ${[...rungs].join(", ")}; ${seconds} s`);
    const isAll = [flipped.up, flipped.down, caught.up, caught.down].every((n) => n === trials);
    return isAll && wrong === 0;
  } finally {
    await rig.close();
    await proxy.close();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
