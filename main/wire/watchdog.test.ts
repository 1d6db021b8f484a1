import { expect, it } from "vitest";
import { FakeClock } from "../flow/fake-clock.ts";
import { Watchdog } from "./watchdog.ts";

function rig() {
  const clock = new FakeClock();
  const dog = new Watchdog(30_000, clock);
  const stalls: string[] = [];
  const watch = (name: string) => dog.watch(() => stalls.push(name));
  const after = (ms: number) => {
    clock.advance(ms);
    dog.look();
  };
  return { stalls, watch, after };
}

it("N1 ends a stream on which no byte moved for 30 s, and only that one, once", () => {
  const { stalls, watch, after } = rig();
  watch("silent");
  const busy = watch("busy");
  after(20_000);
  busy.touch();
  after(10_000);
  expect(stalls).toEqual(["silent"]);
  after(10_000);
  expect(stalls).toEqual(["silent"]);
  after(10_000);
  expect(stalls).toEqual(["silent", "busy"]);
});

it("does not count time in which the stream waits for us", () => {
  const { stalls, watch, after } = rig();
  const stream = watch("paused");
  stream.suspend();
  stream.suspend();
  after(60_000);
  stream.resume();
  after(60_000);
  stream.resume();
  after(29_000);
  expect(stalls).toEqual([]);
  after(1_000);
  expect(stalls).toEqual(["paused"]);
});

it("forgets a stream that ended", () => {
  const { stalls, watch, after } = rig();
  watch("ended").end();
  after(60_000);
  expect(stalls).toEqual([]);
});
