import * as fc from "fast-check";
import { expect, it } from "vitest";
import { BufferBudget } from "./buffer-budget.ts";

const never = new AbortController().signal;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it("is never exceeded, in all or in one thread, and serves everybody in the end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ sizeBytes: fc.integer({ min: 1, max: 150 }), turns: fc.nat(3) }), {
        maxLength: 30,
      }),
      async (workerCount, wishes) => {
        const budget = new BufferBudget(100 * workerCount, workerCount);
        const usedBytes = Array.from({ length: workerCount }, () => 0);
        let servedCount = 0;
        await Promise.all(
          wishes.map(async ({ sizeBytes, turns }) => {
            const share = await budget.acquire(sizeBytes, never);
            const countedBytes = Math.min(100, sizeBytes);
            usedBytes[share.worker] = (usedBytes[share.worker] ?? 0) + countedBytes;
            expect(usedBytes[share.worker]).toBeLessThanOrEqual(100);
            for (let count = 0; count < turns; count += 1) await Promise.resolve();
            usedBytes[share.worker] = (usedBytes[share.worker] ?? 0) - countedBytes;
            share.release();
            share.release();
            servedCount += 1;
          }),
        );
        expect([servedCount, budget.usedBytes]).toEqual([wishes.length, 0]);
      },
    ),
  );
});

it("gives the thread with the least in use", async () => {
  const budget = new BufferBudget(300, 3);
  const workers: number[] = [];
  for (const sizeBytes of [10, 20, 30, 5]) {
    workers.push((await budget.acquire(sizeBytes, never)).worker);
  }
  expect(workers).toEqual([0, 1, 2, 0]);
});

it("lets nobody pass a large one at the head of the line", async () => {
  const budget = new BufferBudget(100, 1);
  const first = await budget.acquire(60, never);
  const order: string[] = [];
  const large = budget.acquire(100, never).then((share) => {
    order.push("large");
    share.release();
  });
  const small = budget.acquire(10, never).then(() => order.push("small"));
  await turn();
  expect(order).toEqual([]);
  first.release();
  await Promise.all([large, small]);
  expect(order).toEqual(["large", "small"]);
});

it("lets the next one pass when the head of the line is canceled", async () => {
  const budget = new BufferBudget(100, 1);
  await budget.acquire(60, never);
  const canceling = new AbortController();
  const large = budget.acquire(100, canceling.signal);
  const small = budget.acquire(10, never);
  canceling.abort();
  await expect(large).rejects.toMatchObject({ name: "AbortError" });
  await expect(small).resolves.toMatchObject({ worker: 0 });
  await expect(budget.acquire(1, canceling.signal)).rejects.toMatchObject({ name: "AbortError" });
});

it("has a reserve for what only passes, so that nobody who holds memory waits for ever", async () => {
  const budget = new BufferBudget(100, 1, 10);
  const held = await budget.acquire(100, never);
  const order: string[] = [];
  const large = budget.acquire(100, never).then(() => order.push("large"));
  const first = await budget.acquire(10, never, true);
  const second = budget.acquire(10, never, true).then(() => order.push("second"));
  await Promise.resolve();
  expect(order).toEqual([]);
  first.release();
  await second;
  held.release();
  await large;
  expect(order).toEqual(["second", "large"]);
});

it("keeps the reserve in order, so that a large one is not passed for ever", async () => {
  const budget = new BufferBudget(100, 1, 10);
  await budget.acquire(100, never);
  const [first, second] = [
    await budget.acquire(6, never, true),
    await budget.acquire(4, never, true),
  ];
  const order: string[] = [];
  const large = budget.acquire(10, never, true).then((share) => {
    order.push("large");
    share.release();
  });
  const small = budget.acquire(4, never, true).then(() => order.push("small"));
  // Enough for the small one, which would be followed by others.
  second.release();
  await Promise.resolve();
  expect(order).toEqual([]);
  first.release();
  await Promise.all([large, small]);
  expect(order).toEqual(["large", "small"]);
});
