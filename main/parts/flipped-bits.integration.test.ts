import { expect, it } from "vitest";
import { StoreProxy } from "./store-proxy.ts";
import { flipBits } from "./flip-trials.ts";
import { RealRig } from "./real-rig.ts";

/** The short form of `npm run lab:bits`. */
const TRIALS = 40;

async function flipThrough() {
  let proxy: StoreProxy | undefined;
  const rig = await RealRig.open(async (endpoint) => {
    proxy = await StoreProxy.open(endpoint);
    return proxy.endpoint;
  });
  if (proxy === undefined) throw new Error("no proxy");
  rig.random = () => 0;
  try {
    return await flipBits(rig, proxy, { trials: TRIALS, atOnce: 8 });
  } finally {
    await rig.close();
    await proxy.close();
  }
}

it("S25 a proxy flips bits: every one is caught, either way, and what arrives is right", async () => {
  const { flipped, caught, wrong, rungs } = await flipThrough();
  expect({ flipped, caught, wrong }).toEqual({
    flipped: { up: TRIALS, down: TRIALS },
    caught: { up: TRIALS, down: TRIALS },
    wrong: 0,
  });
  expect([...rungs]).toEqual(["part-sha256"]);
});
