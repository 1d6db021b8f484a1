import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { FakeClock } from "#main/flow/fake-clock.ts";
import { watchInterrupts } from "./interrupts.ts";

function watch() {
  const source = new EventEmitter();
  const clock = new FakeClock();
  const exits: number[] = [];
  const interrupts = watchInterrupts(
    source,
    () => clock.nowMs(),
    (code) => exits.push(code),
  );
  return { source, clock, exits, interrupts };
}

it("stops cleanly at the first Ctrl-C and leaves at the second", () => {
  const { source, clock, exits, interrupts } = watch();
  source.emit("SIGINT");
  expect([interrupts.signal.aborted, exits]).toEqual([true, []]);
  clock.advance(1000);
  source.emit("SIGINT");
  expect(exits).toEqual([130]);
});

it("counts one press once, though it comes from the terminal and from a parent", () => {
  const { source, clock, exits } = watch();
  source.emit("SIGINT");
  clock.advance(20);
  source.emit("SIGINT");
  expect(exits).toEqual([]);
});

it("remembers which signal came first, for the exit code", () => {
  const { source, interrupts } = watch();
  expect(interrupts.exitCode()).toBe(null);
  source.emit("SIGTERM");
  source.emit("SIGINT");
  expect(interrupts.exitCode()).toBe(143);
});
