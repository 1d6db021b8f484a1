import { expect, it } from "vitest";
import { ManualClock } from "./calls-rig.ts";
import { WakeWatch } from "./wake-watch.ts";

function rig() {
  const clock = new ManualClock();
  const heard: unknown[] = [];
  let addresses: ReadonlySet<string> | null = new Set(["10.0.0.5"]);
  let resume = () => {};
  const watch = new WakeWatch({
    clock,
    addresses: () => addresses,
    onResume: (listener) => {
      resume = listener;
      return () => void heard.push("stopped");
    },
    renew: (which) => void heard.push(which ?? "all"),
    retryNow: () => void heard.push("retry"),
    log: () => undefined,
  });
  const end = new AbortController();
  const ended = watch.run(end.signal);
  return {
    clock,
    watch,
    heard,
    resume: () => resume(),
    move: (...to: string[]) => void (addresses = new Set(to)),
    hide: () => void (addresses = null),
    end: async () => {
      end.abort();
      await ended;
    },
  };
}

it("does nothing while the machine is awake", async () => {
  const { clock, watch, heard } = rig();
  for (let second = 0; second < 60; second += 1) await clock.advance(1000);
  expect(heard).toEqual([]);
  expect(watch.sleptMs).toBe(0);
});

it("makes all connections anew after a stop, and retries until the network is likely there", async () => {
  const { clock, watch, heard } = rig();
  await clock.advance(60_000);
  expect(heard).toEqual(["all", "retry"]);
  for (let second = 0; second < 20; second += 1) await clock.advance(1000);
  expect(heard).toEqual(["all", "retry", "retry", "retry", "retry"]);
  expect(watch.sleptMs).toBe(60_000);
});

it("knows of a stop before its next look, so that nothing is given up for it", async () => {
  const { clock, watch } = rig();
  await clock.advance(1000);
  const slept = clock.advance(3_600_000);
  expect(watch.sleptMs).toBe(3_600_000);
  await slept;
  expect(watch.sleptMs).toBe(3_600_000);
});

it("hears of a wake from the system", () => {
  const { heard, resume } = rig();
  resume();
  expect(heard).toEqual(["all", "retry"]);
});

it("makes those connections anew that came from an address that went", async () => {
  const { clock, heard, move } = rig();
  move("10.0.0.5", "192.168.1.7");
  await clock.advance(1000);
  expect(heard).toEqual(["retry"]);
  move("192.168.1.7");
  await clock.advance(1000);
  expect(heard).toEqual(["retry", ["10.0.0.5"], "retry"]);
});

it("takes no address for gone while the system cannot tell them", async () => {
  const { clock, heard, hide, move } = rig();
  hide();
  await clock.advance(1000);
  expect(heard).toEqual([]);
  move();
  await clock.advance(1000);
  expect(heard).toEqual([["10.0.0.5"], "retry"]);
});

it("leaves nothing behind", async () => {
  const { clock, heard, resume, end } = rig();
  resume();
  heard.length = 0;
  await end();
  expect(heard).toEqual(["stopped"]);
  expect(clock.sleeperCount).toBe(0);
});
