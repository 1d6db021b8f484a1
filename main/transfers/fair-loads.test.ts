import { describe, expect, it } from "vitest";
import type { LoadedBody, Wire } from "../wire/wire.ts";
import { MiB } from "../bytes/sizes.ts";
import { FairLoads } from "./fair-loads.ts";

const signal = new AbortController().signal;

/** A wire that loads at once, or fails when told to; nothing else of it is called. */
function loadingWire() {
  let id = 0;
  const state = { fails: false, released: 0 };
  const notHere = () => {
    throw new Error("not in this test");
  };
  const wire: Wire = {
    load: async ({ source }) => {
      if (state.fails) throw new Error("no such file");
      id += 1;
      return { id, sizeBytes: source.end - source.start, sha256: "00" };
    },
    keep: notHere,
    release: () => void (state.released += 1),
    send: notHere,
    receive: notHere,
    digest: notHere,
    sync: notHere,
    closeFile: notHere,
    setLimits: notHere,
    tune: notHere,
    renew: notHere,
    openMeter: notHere,
    close: notHere,
  };
  return { wire, state };
}

/** How many of `count` large loads go through without one being released. */
async function loadedAtOnce(wire: Wire, count: number, sizeBytes = 16 * MiB) {
  const loaded: LoadedBody[] = [];
  for (let n = 0; n < count; n += 1) {
    const source = { path: "/m", start: 0, end: sizeBytes };
    void wire.load({ source }, signal).then((body) => loaded.push(body));
  }
  await settled();
  return loaded;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

describe("FairLoads", () => {
  it("lets a lone upload have all buffers", async () => {
    const loads = new FairLoads(loadingWire().wire);
    expect((await loadedAtOnce(loads.open().wire, 20)).length).toBe(8);
  });

  it("divides them between uploads, and leaves each at least one", async () => {
    const loads = new FairLoads(loadingWire().wire);
    const uploads = Array.from({ length: 10 }, () => loads.open());
    for (const { wire } of uploads) expect((await loadedAtOnce(wire, 5)).length).toBe(1);
  });

  it("gives the share of one that ends to the others", async () => {
    const loads = new FairLoads(loadingWire().wire);
    const [first, second] = [loads.open(), loads.open()];
    const loaded = await loadedAtOnce(first.wire, 20);
    expect(loaded.length).toBe(4);
    second.close();
    await settled();
    expect(loaded.length).toBe(8);
  });

  it("frees a share with the body's buffer, once", async () => {
    const { wire, state } = loadingWire();
    const loads = new FairLoads(wire);
    for (let n = 0; n < 7; n += 1) loads.open();
    const mine = loads.open().wire;
    const [body] = await loadedAtOnce(mine, 1);
    if (!body) throw new Error("nothing was loaded");
    mine.release(body);
    mine.release(body);
    expect(state.released).toBe(2);
    expect((await loadedAtOnce(mine, 3)).length).toBe(1);
  });

  it("keeps no share of a load that failed", async () => {
    const { wire, state } = loadingWire();
    const mine = new FairLoads(wire).open().wire;
    state.fails = true;
    const source = { path: "/m", start: 0, end: 16 * MiB };
    for (let n = 0; n < 9; n += 1) {
      await expect(mine.load({ source }, signal)).rejects.toThrow("no such file");
    }
    state.fails = false;
    expect((await loadedAtOnce(mine, 20)).length).toBe(8);
  });

  it("makes small bodies wait for nobody", async () => {
    const mine = new FairLoads(loadingWire().wire).open().wire;
    expect((await loadedAtOnce(mine, 40, 4096)).length).toBe(40);
  });
});
