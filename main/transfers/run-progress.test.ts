import { beforeEach, describe, expect, it } from "vitest";
import type { Meter } from "../wire/wire.ts";
import type { ItemProgress } from "./item-progress.ts";
import type { Remainder } from "./run-progress.ts";
import { MiB } from "../bytes/sizes.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { RunProgress } from "./run-progress.ts";

const ALL_LISTED: Remainder = {
  doneBytes: 0,
  leftBytes: 100 * MiB,
  isListing: false,
  arrivingCount: 0,
  arrivedCount: null,
};

let clock: FakeClock;
let movedBytes: number;
let writingCount: number;
let progress: RunProgress;

beforeEach(() => {
  clock = new FakeClock();
  movedBytes = 0;
  writingCount = 0;
  const meter: Meter = {
    slot: 0,
    group: -1,
    movedBytes: () => movedBytes,
    digestedBytes: () => 0,
    writingCount: () => writingCount,
    enter: async () => () => undefined,
    setCap: () => undefined,
    free: () => undefined,
  };
  progress = new RunProgress(meter, clock.nowMs());
});

function begin(index = 0, doneBytes = 0): ItemProgress {
  return progress.begin(index, { sizeBytes: 100 * MiB, doneBytes });
}

/** Samples once a second, with so many bytes in each. */
function seconds(count: number, bytesEach: number, remainder: Partial<Remainder> = {}): void {
  for (let n = 0; n < count; n += 1) {
    clock.advance(1000);
    movedBytes += bytesEach;
    progress.sample(clock.nowMs(), clock.wallMs(), { ...ALL_LISTED, ...remainder });
  }
}

function activity() {
  return progress.facts(clock.nowMs()).activity;
}

function notice(part: number | null, atMs: number) {
  const error = { code: "unreachable", message: "no line", details: {} } as const;
  return { attempt: 2, atMs, part, error };
}

describe("what a run says it is doing", () => {
  it("is preparing while nothing is known yet", () => {
    expect(activity()).toEqual({ kind: "preparing" });
    begin();
    expect(activity()).toEqual({ kind: "preparing" });
  });

  it("is moving as soon as one item moves", () => {
    begin(0);
    begin(1).stage("moving");
    seconds(1, MiB);
    expect(activity()).toEqual({ kind: "moving" });
  });

  it("is finalising once every item is", () => {
    const [first, second] = [begin(0), begin(1)];
    first.stage("finalising");
    second.stage("moving");
    expect(activity()).toEqual({ kind: "moving" });
    second.stage("finalising");
    expect(activity()).toEqual({ kind: "finalising" });
  });

  it("is waiting for the page while files are to come and none moves", () => {
    seconds(1, 0, { arrivingCount: 3 });
    expect(activity()).toEqual({ kind: "awaiting-drop" });
    // Where nothing goes before all of them are here, that is how far it is.
    seconds(1, 0, { arrivingCount: 3, arrivedCount: 2 });
    expect(activity()).toEqual({ kind: "awaiting-drop", arrived: { count: 2, of: 5 } });
  });

  it("is stalled by the disk when what came is not written", () => {
    begin().stage("moving");
    seconds(1, MiB);
    writingCount = 2;
    seconds(4, 0);
    expect(activity()).toEqual({ kind: "moving" });
    progress.item(0)?.started({ start: 0, end: MiB });
    seconds(1, 0);
    expect(activity()).toMatchObject({ kind: "stalled", isOnDisk: true, retry: null });
    writingCount = 0;
    expect(activity()).not.toHaveProperty("isOnDisk");
  });

  it("is stalled after 5 s without a byte, since the last one came", () => {
    const item = begin();
    item.stage("moving");
    item.started({ start: 0, end: MiB });
    seconds(3, MiB);
    const lastByteAtMs = clock.wallMs();
    seconds(4, 0);
    expect(activity()).toEqual({ kind: "moving" });
    seconds(1, 0);
    expect(activity()).toEqual({ kind: "stalled", sinceMs: lastByteAtMs, retry: null });
    seconds(1, 1);
    expect(activity()).toEqual({ kind: "moving" });
  });
});

it("is not stalled while its parts wait for others' to go", () => {
  begin().stage("moving");
  seconds(30, 0);
  expect(activity()).toEqual({ kind: "moving" });
});

describe("what a run says while it waits for a retry", () => {
  it("is stalled at once when all that is left to do is to wait for a retry", () => {
    const item = begin();
    item.stage("moving");
    seconds(2, MiB);
    item.retrying(notice(2, clock.wallMs() + 8000));
    item.retrying(notice(1, clock.wallMs() + 9000));
    seconds(1, 0);
    expect(activity()).toMatchObject({ kind: "stalled", retry: { part: 2, attempt: 2 } });
    item.retried(2);
    item.retried(1);
    expect(activity()).toEqual({ kind: "moving" });
  });

  it("is moving while one part waits and another is on its way", () => {
    const item = begin();
    item.stage("moving");
    item.started({ start: 0, end: MiB });
    item.retrying(notice(2, clock.wallMs() + 8000));
    seconds(2, 0);
    expect(activity()).toEqual({ kind: "moving" });
  });

  it("is stalled while the listing, or the first question of an item, waits", () => {
    progress.listingRetries(notice(null, 99));
    expect(activity()).toMatchObject({ kind: "stalled", sinceMs: 99 });
    progress.listingRetries(null);
    expect(activity()).toEqual({ kind: "preparing" });
    begin().retrying(notice(null, 77));
    expect(activity()).toMatchObject({ kind: "stalled", retry: { atMs: 77, part: null } });
  });

  it("is verifying when every item under way is read back, and there is one", () => {
    expect(progress.isVerifying).toBe(false);
    const item = begin();
    item.stage("verifying");
    item.verified(5 * MiB);
    expect(progress.isVerifying).toBe(true);
    expect(progress.facts(clock.nowMs()).readBackBytes).toBe(5 * MiB);
    begin(1);
    expect(progress.isVerifying).toBe(false);
  });
});

describe("what a run promises", () => {
  it("is nothing while the listing runs, in the first seconds, or while it stands", () => {
    begin().stage("moving");
    const left = () => progress.facts(clock.nowMs()).secondsLeft;
    seconds(4, MiB, { doneBytes: 4 * MiB });
    expect(left()).toBeNull();
    seconds(8, MiB, { doneBytes: 12 * MiB, isListing: true });
    expect(left()).toBeNull();
    seconds(1, MiB, { doneBytes: 13 * MiB });
    expect(left()).toBeCloseTo(100, 0);
    seconds(6, 0, { doneBytes: 13 * MiB });
    expect(left()).toBeNull();
  });

  it("is a speed that follows what moved, and zero while it stands", () => {
    begin().stage("moving");
    seconds(20, 3 * MiB);
    expect(progress.facts(clock.nowMs()).bytesPerSecond).toBeCloseTo(3 * MiB, -2);
    seconds(6, 0);
    expect(progress.facts(clock.nowMs()).bytesPerSecond).toBe(0);
  });
});

describe("what crossed the line of parts under way", () => {
  it("shortens the time left: on a slow line none may be done for minutes", () => {
    const item = begin();
    item.stage("moving");
    const part = (start: number) => ({ start: start * MiB, end: (start + 20) * MiB });
    const [first, second, third] = [part(0), part(20), part(40)];
    for (const range of [first, second, third]) item.started(range);
    seconds(30, MiB);
    expect(progress.facts(clock.nowMs())).toMatchObject({
      crossedBytes: 30 * MiB,
      secondsLeft: 70,
    });
    // The first is done, and the second failed after five: what crossed in vain is to move again.
    item.settled(first);
    item.done(first);
    item.settled(second);
    seconds(15, MiB, { doneBytes: 20 * MiB, leftBytes: 80 * MiB });
    expect(progress.facts(clock.nowMs())).toMatchObject({
      crossedBytes: 20 * MiB,
      secondsLeft: 60,
    });
  });

  it("is no less than nothing where what was done is fetched once more", () => {
    const item = begin(0, 90 * MiB);
    item.stage("moving");
    item.started({ start: 0, end: 100 * MiB });
    seconds(30, MiB, { doneBytes: 90 * MiB, leftBytes: 10 * MiB });
    const { crossedBytes, secondsLeft } = progress.facts(clock.nowMs());
    expect([crossedBytes, secondsLeft]).toEqual([10 * MiB, 0]);
  });

  it("is nothing of what was there already", () => {
    begin().stage("moving");
    seconds(10, MiB, { doneBytes: 60 * MiB, leftBytes: 40 * MiB });
    seconds(1, 0, { doneBytes: 90 * MiB, leftBytes: 10 * MiB });
    expect(progress.facts(clock.nowMs()).crossedBytes).toBe(0);
  });

  it("keeps five minutes of speed", () => {
    begin().stage("moving");
    seconds(400, MiB);
    expect(progress.speed().length).toBe(300);
    expect(progress.speed().at(-1)).toBeCloseTo(MiB, -2);
  });
});

describe("what a run has done", () => {
  it("is what its items are ahead of what is counted, never less than nothing", () => {
    const [fresh, resumed] = [begin(0), begin(1, 50 * MiB)];
    fresh.done({ start: 0, end: 10 * MiB });
    resumed.done({ start: 0, end: 20 * MiB });
    expect(progress.facts(0).doneBytes).toBe(10 * MiB);
    resumed.done({ start: 20 * MiB, end: 60 * MiB });
    expect(progress.facts(0).doneBytes).toBe(20 * MiB);
    progress.end(0);
    expect(progress.facts(0).doneBytes).toBe(10 * MiB);
  });

  it("counts what is on its way apart", () => {
    const item = begin();
    const range = { start: 0, end: 16 * MiB };
    item.started(range);
    expect(progress.facts(0).inFlightBytes).toBe(16 * MiB);
    item.settled(range);
    expect(progress.facts(0).inFlightBytes).toBe(0);
  });

  it("draws the parts of its only item", () => {
    expect(progress.map()).toBeNull();
    const item = begin();
    item.done({ start: 0, end: 16 * MiB });
    item.started({ start: 16 * MiB, end: 32 * MiB });
    item.started({ start: 32 * MiB, end: 48 * MiB });
    item.retrying(notice(3, 5));
    expect(progress.map()).toEqual({
      unit: "part",
      total: 7,
      done: 1,
      inFlight: 2,
      perCell: 1,
      cells: "#>!....",
    });
  });
});
