import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { ByteRange } from "../bytes/byte-range.ts";
import { RangeSet } from "../bytes/range-set.ts";
import { MiB } from "../bytes/sizes.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { Landing } from "./landing.ts";

const mib = (start: number, end: number): ByteRange => ({ start: start * MiB, end: end * MiB });

let clock: FakeClock;
let syncs: PromiseWithResolvers<void>[];
let saves: { durable: readonly ByteRange[]; proven: readonly ByteRange[] }[];
let landing: Landing;

beforeEach(() => {
  clock = new FakeClock();
  syncs = [];
  saves = [];
  landing = new Landing(
    {
      clock,
      sync: () => {
        const sync = Promise.withResolvers<void>();
        syncs.push(sync);
        return sync.promise;
      },
      save: async (durable, proven) => {
        saves.push({ durable: durable.ranges, proven: proven.ranges });
      },
    },
    RangeSet.empty,
    RangeSet.empty,
  );
});

async function endSync(): Promise<void> {
  syncs.at(-1)?.resolve();
  await turn();
}

describe("Landing", () => {
  it("flushes after 32 MiB, or a second", async () => {
    await landing.wrote(mib(0, 16));
    expect(syncs).toHaveLength(0);
    await landing.wrote(mib(16, 32));
    expect(syncs).toHaveLength(1);
    await endSync();
    await landing.wrote(mib(32, 33));
    expect(syncs).toHaveLength(1);
    clock.advance(1000);
    await landing.wrote(mib(33, 34));
    expect(syncs).toHaveLength(2);
  });

  it("saves only what was written before the flush began", async () => {
    await landing.wrote(mib(0, 32));
    await landing.wrote(mib(32, 40));
    landing.proved(mib(0, 32));
    expect(saves).toEqual([]);
    await endSync();
    expect(saves).toEqual([{ durable: [mib(0, 32)], proven: [] }]);
  });

  it("flushes one at a time, and makes those wait who write faster than the disk", async () => {
    await landing.wrote(mib(0, 32));
    await landing.wrote(mib(32, 90));
    expect(syncs).toHaveLength(1);
    let isThrough = false;
    const waiting = landing.wrote(mib(90, 106)).then(() => {
      isThrough = true;
    });
    await turn();
    expect(isThrough).toBe(false);
    await endSync();
    await waiting;
    expect(isThrough).toBe(true);
  });

  it("has everything durable and saved when it settles, and does nothing twice", async () => {
    await landing.wrote(mib(0, 5));
    landing.proved(mib(0, 5));
    const settling = landing.settle();
    await turn();
    await endSync();
    await settling;
    expect(saves).toEqual([{ durable: [mib(0, 5)], proven: [mib(0, 5)] }]);
    await landing.settle();
    expect([syncs.length, saves.length]).toEqual([1, 1]);
  });
});

describe("Landing on a bad disk, and on an earlier run", () => {
  it("never trusts a disk again that failed a flush", async () => {
    await landing.wrote(mib(0, 32));
    syncs[0]?.reject(new Error("EIO"));
    await turn();
    await expect(landing.settle()).rejects.toThrow("EIO");
    await expect(landing.wrote(mib(32, 128))).rejects.toThrow("EIO");
    expect(saves).toEqual([]);
    expect(syncs).toHaveLength(1);
  });

  it("begins with what an earlier run left", () => {
    const earlier = RangeSet.of(mib(0, 4));
    const ports = { clock, sync: async () => undefined, save: async () => undefined };
    const { written, proven } = new Landing(ports, earlier, RangeSet.of(mib(0, 2)));
    expect([written.ranges, proven.ranges]).toEqual([[mib(0, 4)], [mib(0, 2)]]);
  });
});
