import { StoreProxy } from "#main/parts/store-proxy.ts";
import { flipBits } from "#main/parts/flip-trials.ts";
import { RealRig } from "#main/parts/real-rig.ts";

const TRIALS = 10_000;

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
    const { flipped, caught, wrong, rungs } = await flipBits(rig, proxy, { trials, atOnce: 16 });
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
