import { describe, expect, it } from "vitest";
import type { ErrorInfo } from "#shared/errors.ts";
import { LonghaulError } from "#shared/errors.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { aTransferId, someItems } from "./journal-fixtures.ts";
import type { CommitCalls, Committed } from "./journal-link.ts";
import { JournalQueue } from "./journal-queue.ts";
import type { JournalChange } from "./journal.ts";

const change: JournalChange = { type: "transfer-removed", id: aTransferId(1) };

/** A disk that answers when it is told to. */
class SlowDisk {
  readonly transactions: CommitCalls[] = [];
  readonly #answers: ((committed: Committed) => void)[] = [];

  readonly commitAll = (calls: CommitCalls): Promise<Committed> => {
    this.transactions.push(calls);
    return new Promise((resolve) => this.#answers.push(resolve));
  };

  /** Ends the oldest transaction. */
  async answer(diskMs = 0, failures: readonly (ErrorInfo | null)[] = []): Promise<void> {
    this.#answers.shift()?.({ failures, diskMs });
    await settled();
  }

  get callCounts(): number[] {
    return this.transactions.map((calls) => calls.length);
  }
}

/** Lets everything that can go on go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function aQueue(clock = new FakeClock()) {
  const disk = new SlowDisk();
  return { disk, clock, queue: new JournalQueue(disk.commitAll, clock) };
}

describe("JournalQueue", () => {
  it("commits at once when nothing is under way", () => {
    const { disk, queue } = aQueue();
    void queue.add([change]);
    expect(disk.callCounts).toEqual([1]);
  });

  it("gathers what comes meanwhile into one transaction", async () => {
    const { disk, queue } = aQueue();
    const all = Promise.all(Array.from({ length: 101 }, () => queue.add([change])));
    await disk.answer();
    await disk.answer();
    await all;
    expect(disk.callCounts).toEqual([1, 100]);
  });

  it("resolves a call only when its own transaction is answered", async () => {
    const { disk, queue } = aQueue();
    const done: string[] = [];
    void queue.add([change]).then(() => done.push("first"));
    void queue.add([change]).then(() => done.push("second"));
    await settled();
    expect(done).toEqual([]);
    await disk.answer();
    expect(done).toEqual(["first"]);
    await disk.answer();
    expect(done).toEqual(["first", "second"]);
  });

  it("rests as long as the disk took, at most 50 ms", async () => {
    const { disk, clock, queue } = aQueue();
    for (const diskMs of [8, 400, 0]) {
      void queue.add([change]);
      await disk.answer(diskMs);
    }
    expect(clock.sleptMs).toEqual([8, 50]);
  });

  it("bounds one transaction by its rows", async () => {
    const { disk, queue } = aQueue();
    void queue.add([change]);
    const page: JournalChange = {
      type: "items-added",
      transferId: aTransferId(1),
      items: someItems(1000),
    };
    for (let count = 0; count < 12; count += 1) void queue.add([page]);
    for (let count = 0; count < 4; count += 1) await disk.answer();
    expect(disk.callCounts).toEqual([1, 5, 5, 2]);
  });

  it("sends off what waits when a read needs to see it", () => {
    const { disk, queue } = aQueue();
    for (let count = 0; count < 3; count += 1) void queue.add([change]);
    queue.flush();
    expect(disk.callCounts).toEqual([1, 2]);
  });
});

describe("the outcome of a call", () => {
  it("is its own, whoever shared the transaction", async () => {
    const { disk, queue } = aQueue();
    const first = queue.add([change]);
    const second = queue.add([change]);
    const third = queue.add([change]);
    await disk.answer();
    const failure = { code: "disk-full", message: "full", details: {} } as const;
    await disk.answer(0, [failure, null]);
    await expect(first).resolves.toBeUndefined();
    await expect(second).rejects.toMatchObject({ code: "disk-full" });
    await expect(third).resolves.toBeUndefined();
  });

  it("is a failure when the thread is gone, also for later calls", async () => {
    const gone = new LonghaulError("internal", "gone");
    const queue = new JournalQueue(() => Promise.reject(gone), new FakeClock());
    const calls = [queue.add([change]), queue.add([change])];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes).toMatchObject([{ reason: gone }, { reason: gone }]);
    await expect(queue.add([change])).rejects.toBe(gone);
  });
});

describe("closing", () => {
  it("sends off what waits", () => {
    const { disk, queue } = aQueue();
    void queue.add([change]);
    void queue.add([change]);
    queue.close();
    expect(disk.callCounts).toEqual([1, 1]);
  });
});
