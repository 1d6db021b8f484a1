import { expect, it } from "vitest";
import { FakeClock } from "../flow/fake-clock.ts";
import { Watchdog } from "./watchdog.ts";

const STEP_MS = 5_000;

function rig() {
  const clock = new FakeClock();
  const dog = new Watchdog({ stallMs: 30_000, judgedMs: 60_000 }, clock);
  const ends: string[] = [];
  const watch = (name: string) => dog.watch((cause) => ends.push(`${name} ${cause}`));
  const after = (ms: number, each: () => void = () => undefined) => {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      clock.advance(STEP_MS);
      each();
      dog.look();
    }
  };
  return { ends, watch, after };
}

it("N1 ends a stream on which no byte moved for 30 s, and only that one, once", () => {
  const { ends, watch, after } = rig();
  watch("silent");
  const busy = watch("busy");
  after(20_000);
  busy.touch(1);
  after(10_000);
  expect(ends).toEqual(["silent stalled"]);
  after(15_000);
  expect(ends).toEqual(["silent stalled"]);
  after(5_000);
  expect(ends).toEqual(["silent stalled", "busy stalled"]);
});

it("does not count time in which the stream waits for us", () => {
  const { ends, watch, after } = rig();
  const stream = watch("paused");
  stream.suspend();
  stream.suspend();
  after(60_000);
  stream.resume();
  after(60_000);
  stream.resume();
  after(25_000);
  expect(ends).toEqual([]);
  after(5_000);
  expect(ends).toEqual(["paused stalled"]);
});

it("forgets a stream that ended", () => {
  const { ends, watch, after } = rig();
  watch("ended").end();
  after(60_000);
  expect(ends).toEqual([]);
});

it("N2 ends a stream that gets less than 1 KiB a second over a minute", () => {
  const { ends, watch, after } = rig();
  const [trickle, slow] = [watch("trickle"), watch("slow")];
  const flow = () => {
    trickle.touch(1);
    slow.touch(1024 * (STEP_MS / 1000));
  };
  after(55_000, flow);
  expect(ends).toEqual([]);
  after(5_000, flow);
  expect(ends).toEqual(["trickle too slow"]);
});

it("N2 ends a stream that gets less than 2 % of its siblings, and leaves a slow line alone", () => {
  const { ends, watch, after } = rig();
  const streams = ["a", "b", "c"].map(watch);
  const slow = watch("slow");
  const flow = () => {
    for (const stream of streams) stream.touch(10e6);
    slow.touch(100e3);
  };
  after(60_000, flow);
  expect(ends).toEqual(["slow too slow"]);
  const { ends: none, watch: watchLine, after: afterLine } = rig();
  const line = ["a", "b", "c"].map(watchLine);
  afterLine(300_000, () => {
    for (const stream of line) stream.touch(100e3);
  });
  expect(none).toEqual([]);
});

it("does not take a share of a cap for a slow server", () => {
  const { ends, watch, after } = rig();
  const capped = watch("capped");
  capped.suspend();
  after(600_000, () => {
    capped.resume();
    capped.touch(1);
    capped.suspend();
  });
  expect(ends).toEqual([]);
});
