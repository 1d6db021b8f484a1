import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HostEvent } from "#shared/contract.ts";
import type { TransferId } from "#shared/transfer.ts";
import { defaultSettings } from "../profiles/settings-book.ts";
import { newRecord } from "../transfers/transfer-record.ts";
import type { TransferRecord } from "../transfers/transfer-record.ts";
import { aDownloadSpec, anUploadSpec } from "../transfers/fixtures.ts";
import { aTransferId } from "../transfers/journal-fixtures.ts";
import type { LiveFacts } from "../transfers/transfer-view.ts";
import { ManualClock, settle } from "./calls-rig.ts";
import { EventHub } from "./event-hub.ts";
import { startSampler } from "./sampler.ts";

const [up, down, away] = [aTransferId(1), aTransferId(2), aTransferId(3)];

let clock: ManualClock;
let heard: HostEvent[];
let changed: TransferId[];
/** Bytes per second of what runs. */
let speeds: Map<TransferId, number>;
let freeBytes: number | Error | Promise<number>;
let measureCount: number;
let stop: () => void;

const records = new Map<TransferId, TransferRecord>([
  [up, newRecord(up, anUploadSpec(), "up", { position: 1, wallMs: 0 })],
  [down, newRecord(down, aDownloadSpec(), "down", { position: 2, wallMs: 0 })],
]);

beforeEach(() => {
  clock = new ManualClock();
  heard = [];
  changed = [];
  speeds = new Map();
  freeBytes = 500;
  measureCount = 0;
});

afterEach(() => stop());

function start(): void {
  const hub = new EventHub(() => null);
  hub.onEvent((event) => heard.push(event));
  vi.spyOn(hub, "changed").mockImplementation((id) => void changed.push(id));
  const live = (id: TransferId): LiveFacts | null => {
    const bytesPerSecond = speeds.get(id);
    return bytesPerSecond === undefined ? null : liveAt(bytesPerSecond);
  };
  stop = startSampler({
    trouble: () => null,
    runner: { sample: () => [...speeds.keys()], live },
    book: { find: (id) => records.get(id) },
    hub,
    clock,
    settings: { get: () => defaultSettings("/home/ada") },
    space: {
      measure: async (folder) => {
        measureCount += 1;
        expect(folder).toBe("/home/ada/Longhaul");
        if (freeBytes instanceof Error) throw freeBytes;
        return { freeBytes: await freeBytes, reservedBytes: 0 };
      },
    },
  });
}

function liveAt(bytesPerSecond: number): LiveFacts {
  const activity = { kind: "finalising" } as const;
  const bytes = { doneBytes: 0, inFlightBytes: 0, crossedBytes: 0, readBackBytes: 0 };
  return { activity, ...bytes, bytesPerSecond, secondsLeft: null };
}

describe("the sampler", () => {
  it("tells the speed of each direction, once a second", async () => {
    start();
    speeds.set(up, 100.4).set(down, 2000);
    await clock.advance(1000);
    speeds.set(up, 300);
    await clock.advance(1000);
    expect(heard.slice(-2)).toEqual([
      {
        type: "status",
        upBytesPerSecond: 100,
        downBytesPerSecond: 2000,
        freeBytes: 500,
        homeTrouble: null,
      },
      {
        type: "status",
        upBytesPerSecond: 300,
        downBytesPerSecond: 2000,
        freeBytes: 500,
        homeTrouble: null,
      },
    ]);
  });

  it("says of every transfer that runs that it changed, and of no other", async () => {
    start();
    speeds.set(up, 1).set(down, 1);
    await clock.advance(1000);
    expect(changed).toEqual([up, down]);
  });

  it("counts no speed for a run whose transfer was just taken off the list", async () => {
    start();
    await settle();
    speeds.set(away, 1_000_000);
    await clock.advance(1000);
    expect(heard.at(-1)).toMatchObject({ downBytesPerSecond: 0, upBytesPerSecond: 0 });
  });

  it("says nothing while nothing changes", async () => {
    start();
    await clock.advance(1000);
    const before = heard.length;
    for (let second = 0; second < 30; second += 1) await clock.advance(1000);
    expect(heard.length).toBe(before);
    expect(changed).toEqual([]);
  });
});

describe("free space", () => {
  it("is asked for every five seconds only", async () => {
    start();
    for (let second = 0; second < 20; second += 1) await clock.advance(1000);
    expect(measureCount).toBe(5);
  });

  it("is not known while the drive is away, and is told when it is back", async () => {
    freeBytes = new Error("ENOENT");
    start();
    await clock.advance(1000);
    expect(heard.at(-1)).toMatchObject({ freeBytes: null });
    freeBytes = 700;
    for (let second = 0; second < 6; second += 1) await clock.advance(1000);
    expect(heard.at(-1)).toMatchObject({ freeBytes: 700 });
  });

  it("holds nothing up while the drive hangs, which is asked no second time", async () => {
    freeBytes = new Promise(() => undefined);
    start();
    speeds.set(up, 42);
    for (let second = 0; second < 12; second += 1) await clock.advance(1000);
    expect(heard.at(-1)).toMatchObject({ upBytesPerSecond: 42, freeBytes: null });
    expect(measureCount).toBe(1);
  });
});

describe("a sampler that is stopped", () => {
  it("does nothing more", async () => {
    start();
    speeds.set(up, 42);
    await clock.advance(1000);
    stop();
    const before = heard.length;
    speeds.set(up, 43);
    await clock.advance(10_000);
    expect(heard.length).toBe(before);
    expect(clock.sleeperCount).toBe(0);
  });
});
