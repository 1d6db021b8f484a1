import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostEvent } from "#shared/contract.ts";
import { MemoryDocument } from "../profiles/fakes.ts";
import { SettingsBook } from "../profiles/settings-book.ts";
import { Gate, RunRig, settleDown } from "../transfers/run-rig.ts";
import { EventHub } from "./event-hub.ts";
import { startSampler } from "./sampler.ts";

let rig: RunRig;
let heard: HostEvent[];
let hub: EventHub;
let stop: () => void;
let tick: () => Promise<void>;
let reads: number;

beforeEach(() => {
  rig = new RunRig();
  heard = [];
  hub = new EventHub(() => null);
  hub.onEvent((event) => heard.push(event));
  reads = 0;
  let wake: (() => void) | null = null;
  const clock = {
    nowMs: () => rig.clock.nowMs(),
    wallMs: () => rig.clock.wallMs(),
    sleep: async (_ms: number, signal: AbortSignal) =>
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };
  tick = async () => {
    rig.clock.advance(1000);
    wake?.();
    await settleDown();
  };
  const measure = rig.space.measure.bind(rig.space);
  rig.space.measure = async (folder) => {
    reads += 1;
    return await measure(folder);
  };
  const settings = new SettingsBook(new MemoryDocument(), rig.folder);
  const { runner, book, space } = rig;
  stop = startSampler({ runner, book, hub, space, settings, clock });
});

afterEach(async () => {
  stop();
  hub.close();
  await rig.close();
});

describe("the sampler", () => {
  it("says once what is there, and nothing more while nothing changes", async () => {
    await settleDown();
    for (let n = 0; n < 12; n += 1) await tick();
    expect(heard).toEqual([
      { type: "status", downBytesPerSecond: 0, upBytesPerSecond: 0, freeBytes: 2 ** 40 },
    ]);
    expect(reads).toBe(3);
  });

  it("tells of free space that changed within 5 s, and of a drive that is away", async () => {
    await settleDown();
    rig.volume.freeBytes = 7;
    for (let n = 0; n < 5; n += 1) await tick();
    expect(heard.at(-1)).toMatchObject({ freeBytes: 7 });
    rig.space.measure = async () => {
      throw new Error("away");
    };
    for (let n = 0; n < 5; n += 1) await tick();
    expect(heard.at(-1)).toMatchObject({ freeBytes: null });
  });

  it("tells of every transfer that runs, once a second, and of no other", async () => {
    const gate = new Gate();
    rig.store.before = async () => await gate.pass();
    const id = await rig.upload({ sources: [rig.file("f")] });
    await gate.reached;
    const changed: string[] = [];
    hub.changed = (one) => void changed.push(one);
    await tick();
    await tick();
    expect(changed).toEqual([id, id]);
    gate.open();
    await rig.rest(id);
    await settleDown();
    changed.length = 0;
    await tick();
    expect(changed).toEqual([]);
  });

  it("stops for good", async () => {
    await settleDown();
    stop();
    await tick();
    expect(reads).toBe(1);
  });
});
