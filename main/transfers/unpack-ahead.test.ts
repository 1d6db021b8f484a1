import { expect, it } from "vitest";
import type { Unpacking } from "../archives/start-unpacking.ts";
import type { UnpackResult } from "../archives/unpack-order.ts";
import type { MoveObserver } from "../parts/ports.ts";
import { UnpackAhead } from "./unpack-ahead.ts";

const RESULT = { fileCount: 1 } as UnpackResult;

function open() {
  const told: (string | number)[] = [];
  const done = Promise.withResolvers<UnpackResult>();
  const unpacking: Unpacking = {
    progress: { readBytes: 0, entryCount: 0, writtenBytes: 0 },
    done: done.promise,
    grow: (bytes) => void told.push(bytes),
    moveTo: (path) => void told.push(path),
    end: () => void told.push("end"),
  };
  const ahead = new UnpackAhead(100);
  const heard: unknown[] = [];
  const observer = new Proxy({} as MoveObserver, {
    get: (_, name) => (range: unknown) => heard.push([name, range]),
  });
  const begin = async (given: Unpacking | null = unpacking) =>
    await ahead.begin(async (signal) => {
      signal.addEventListener("abort", () => done.reject(signal.reason));
      return given;
    });
  return { ahead, told, done, heard, begin, watched: ahead.watch(observer) };
}

it("is told of what is there from the start without a gap, whatever order it comes in", async () => {
  const { told, begin, watched } = open();
  await begin();
  watched.done({ start: 20, end: 40 }, false);
  watched.done({ start: 0, end: 20 }, false);
  watched.done({ start: 60, end: 100 }, false);
  watched.done({ start: 40, end: 60 }, false);
  expect(told).toEqual([40, 100]);
});

it("hears of what arrived before it began, and hands everything on", async () => {
  const { told, begin, watched, heard } = open();
  watched.done({ start: 0, end: 30 }, true);
  watched.movedTwice(5);
  await begin();
  expect(told).toEqual([30]);
  expect(heard).toEqual([
    ["done", { start: 0, end: 30 }],
    ["movedTwice", 5],
  ]);
});

it("is put in place under the archive's own name", async () => {
  const { ahead, told, begin, done, watched } = open();
  await begin();
  watched.done({ start: 0, end: 100 }, false);
  done.resolve(RESULT);
  expect(await ahead.finish("/down/a.tar")).toBe(RESULT);
  expect(told).toEqual([100, "/down/a.tar", "end"]);
});

it("is in vain when bytes that it may have read were wrong", async () => {
  const { ahead, begin, watched } = open();
  await begin();
  watched.done({ start: 0, end: 50 }, false);
  watched.undone({ start: 20, end: 30 });
  expect(await ahead.finish("/down/a.tar")).toBe(null);
});

it("is in vain when the archive was begun anew", async () => {
  const { ahead, begin, watched } = open();
  await begin();
  watched.done({ start: 0, end: 50 }, false);
  watched.done({ start: 0, end: 20 }, true);
  expect(await ahead.finish("/down/a.tar")).toBe(null);
});

it("goes on when what was wrong is what it has not heard of", async () => {
  const { ahead, told, begin, done, watched } = open();
  await begin();
  watched.done({ start: 50, end: 100 }, false);
  watched.undone({ start: 50, end: 100 });
  watched.done({ start: 0, end: 50 }, false);
  watched.done({ start: 50, end: 100 }, false);
  done.resolve(RESULT);
  expect(await ahead.finish("/a")).toBe(RESULT);
  expect(told).toEqual([50, 100, "/a", "end"]);
});

it("that failed, or never began, leaves it to who comes after", async () => {
  const failed = open();
  await failed.begin();
  failed.done.reject(new Error("no archive"));
  expect(await failed.ahead.finish("/a")).toBe(null);
  const never = open();
  await never.begin(null);
  never.watched.done({ start: 0, end: 100 }, false);
  expect(await never.ahead.finish("/a")).toBe(null);
  expect(never.told).toEqual([]);
});

it("begins once, and is over when it is canceled", async () => {
  const { ahead, begin, told, watched } = open();
  await begin();
  await begin(null);
  watched.done({ start: 0, end: 10 }, false);
  expect(told).toEqual([10]);
  await ahead.cancel();
  expect(await ahead.finish("/a")).toBe(null);
});
