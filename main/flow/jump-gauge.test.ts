import { expect, it } from "vitest";
import { JumpGauge } from "./jump-gauge.ts";

function rig() {
  const clock = { now: 0, wall: 1_000_000, nowMs: () => clock.now, wallMs: () => clock.wall };
  const gauge = new JumpGauge(clock, 10_000);
  const pass = (nowMs: number, wallMs = nowMs) => {
    clock.now += nowMs;
    clock.wall += wallMs;
    return gauge.look();
  };
  return { pass };
}

it("sees nothing while time passes as it should, on a busy machine too", () => {
  const { pass } = rig();
  for (const ms of [1000, 1000, 4000, 9_999]) expect(pass(ms)).toBeNull();
});

it("sees a process that was stopped, and a sleep through which the monotonic clock went on", () => {
  const { pass } = rig();
  expect(pass(61_000)).toEqual({ stoppedMs: 61_000, wallMs: 0 });
  expect(pass(1000)).toBeNull();
});

it("sees a sleep through which the monotonic clock stood still", () => {
  const { pass } = rig();
  expect(pass(1000, 3_600_000)).toEqual({ stoppedMs: 0, wallMs: 3_599_000 });
});

it("sees a clock that is set back", () => {
  const { pass } = rig();
  expect(pass(1000, -3_600_000)).toEqual({ stoppedMs: 0, wallMs: -3_601_000 });
  expect(pass(1000)).toBeNull();
});

it("does not add up a clock that is slowly drawn right", () => {
  const { pass } = rig();
  for (let second = 0; second < 60; second += 1) expect(pass(1000, 1500)).toBeNull();
});
