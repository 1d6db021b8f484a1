import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { FakeClock } from "./flow/fake-clock.ts";
import { outliveStrayErrors } from "./stray-errors.ts";

function listening() {
  const source = new EventEmitter();
  const clock = new FakeClock();
  const logged: string[] = [];
  const log = (_level: string, text: string) => void logged.push(text);
  return { source, clock, logged, stop: outliveStrayErrors(source, log, () => clock.nowMs()) };
}

it("logs what nobody caught or awaited, with its place, and goes on", () => {
  const { source, logged } = listening();
  source.emit("uncaughtException", new TypeError("no such thing"));
  source.emit("unhandledRejection", "a string");
  expect(logged[0]).toMatch(/nobody caught TypeError: no such thing\n.*stray-errors/);
  expect(logged[1]).toBe("a bug: nobody awaited a string");
});

it("ends the process when they do not cease", () => {
  const { source, clock, logged } = listening();
  for (let n = 0; n < 200; n += 1) {
    clock.advance(10_000);
    source.emit("uncaughtException", new Error("now and then"));
  }
  expect(logged).toHaveLength(200);
  clock.advance(100_000);
  const storm = () => {
    for (let n = 0; n < 200; n += 1) source.emit("uncaughtException", new Error("a storm"));
  };
  expect(storm).toThrow("a storm");
  expect(logged.at(-1)).toContain("ends");
  expect(source.listenerCount("uncaughtException")).toBe(0);
});

it("stops listening", () => {
  const { source, stop } = listening();
  stop();
  expect(source.eventNames()).toEqual([]);
});
