import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Semaphore } from "./semaphore.ts";

const never = new AbortController().signal;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

it("never lets more run than its limit, and lets all run in the end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat(3), { maxLength: 20 }),
      async (limit, turns) => {
        const semaphore = new Semaphore(limit);
        let running = 0;
        let most = 0;
        const run = async (turnCount: number) => {
          const release = await semaphore.acquire(never);
          running += 1;
          most = Math.max(most, running);
          for (let turn = 0; turn < turnCount; turn += 1) await Promise.resolve();
          running -= 1;
          release();
        };
        await Promise.all(turns.map(run));
        expect(most).toBeLessThanOrEqual(limit);
        expect({ held: semaphore.heldCount, waiting: semaphore.waitingCount }).toEqual({
          held: 0,
          waiting: 0,
        });
      },
    ),
  );
});

it("serves in the order of asking", async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire(never);
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (number) => {
    const done = await semaphore.acquire(never);
    order.push(number);
    done();
  });
  release();
  await Promise.all(waiting);
  expect(order).toEqual([1, 2, 3]);
});

it("gives a slot back once, however often it is said", async () => {
  const semaphore = new Semaphore(2);
  const release = await semaphore.acquire(never);
  await semaphore.acquire(never);
  release();
  release();
  expect(semaphore.heldCount).toBe(1);
});

it("leaves the line when canceled, and lets the next one pass", async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire(never);
  const canceling = new AbortController();
  const canceled = semaphore.acquire(canceling.signal);
  const next = semaphore.acquire(never);
  canceling.abort();
  await expect(canceled).rejects.toMatchObject({ name: "AbortError" });
  release();
  await expect(next).resolves.toBeTypeOf("function");
});

it("refuses who was canceled before asking", async () => {
  await expect(new Semaphore(1).acquire(AbortSignal.abort())).rejects.toMatchObject({
    name: "AbortError",
  });
});

it("lets waiting ones in when the limit rises", async () => {
  const semaphore = new Semaphore(1);
  await semaphore.acquire(never);
  const waiting = [semaphore.acquire(never), semaphore.acquire(never)];
  semaphore.setLimit(3);
  await Promise.all(waiting);
  expect(semaphore.heldCount).toBe(3);
});

it("takes nothing away when the limit falls, and holds back the next ones", async () => {
  const semaphore = new Semaphore(3);
  const releases = await Promise.all([1, 2, 3].map(() => semaphore.acquire(never)));
  semaphore.setLimit(1);
  const waiting = semaphore.acquire(never);
  releases[0]?.();
  releases[1]?.();
  await settle();
  expect([semaphore.heldCount, semaphore.waitingCount]).toEqual([1, 1]);
  releases[2]?.();
  await waiting;
  expect([semaphore.heldCount, semaphore.waitingCount]).toEqual([1, 0]);
});

it("lets whoever holds least go first, and the others as they came", async () => {
  const semaphore = new Semaphore(2);
  const order: string[] = [];
  const releases: (() => void)[] = [];
  const ask = (holder: string) =>
    void semaphore.acquire(never, holder).then((release) => {
      order.push(holder);
      releases.push(release);
    });
  for (const holder of ["many", "many", "many", "many", "few", "other", "few"]) ask(holder);
  await settle();
  expect(order).toEqual(["many", "many"]);
  for (let count = 0; count < 5; count += 1) {
    releases.shift()?.();
    await settle();
  }
  expect(order).toEqual(["many", "many", "few", "many", "other", "many", "few"]);
});

it("remembers nobody who neither holds nor waits", async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire(never, "a");
  const canceling = new AbortController();
  const waiting = semaphore.acquire(canceling.signal, "b");
  canceling.abort();
  await expect(waiting).rejects.toThrow();
  release();
  expect({ held: semaphore.heldCount, waiting: semaphore.waitingCount }).toEqual({
    held: 0,
    waiting: 0,
  });
});
