import { expect, it } from "vitest";
import { FlushQueue, flushesOf } from "./flush-queue.ts";

/** Flushes that end when they are told to. */
class FakeDisk {
  readonly flushing: { readonly fd: number; readonly settle: PromiseWithResolvers<void> }[] = [];
  readonly closed: number[] = [];

  async sync(fd: number): Promise<void> {
    const settle = Promise.withResolvers<void>();
    this.flushing.push({ fd, settle });
    await settle.promise;
  }
  close(fd: number): void {
    this.closed.push(fd);
  }
}

function queueOf(disk: FakeDisk): FlushQueue {
  const calls = { sync: (fd: number) => disk.sync(fd), close: (fd: number) => disk.close(fd) };
  return new FlushQueue({ flushes: () => 4, files: 64 }, calls);
}

const turn = () => new Promise((resolve) => void setImmediate(resolve));

it("flushes as many at once as it may, and closes each after it", async () => {
  const disk = new FakeDisk();
  const queue = queueOf(disk);
  for (let fd = 0; fd < 6; fd += 1) queue.add(fd, "/f");
  expect(disk.flushing.map(({ fd }) => fd)).toEqual([0, 1, 2, 3]);
  expect(disk.closed).toEqual([]);
  disk.flushing[0]?.settle.resolve();
  await turn();
  expect(disk.closed).toEqual([0]);
  expect(disk.flushing.map(({ fd }) => fd)).toEqual([0, 1, 2, 3, 4]);
});

it("is full at as many as may be open, has room when one is done, and is drained when all are", async () => {
  const disk = new FakeDisk();
  const queue = queueOf(disk);
  for (let fd = 0; fd < 64; fd += 1) queue.add(fd, "/f");
  expect(queue.isFull).toBe(true);
  const room = queue.room();
  disk.flushing[0]?.settle.resolve();
  await room;
  expect(queue.isFull).toBe(false);
  const drained = queue.drain();
  while (disk.closed.length < 64) {
    for (const { settle } of disk.flushing) settle.resolve();
    await turn();
  }
  await drained;
  expect(disk.closed).toHaveLength(64);
});

it("tells of a flush that failed, and closes the rest without one", async () => {
  const disk = new FakeDisk();
  const queue = queueOf(disk);
  for (let fd = 0; fd < 6; fd += 1) queue.add(fd, `/f${fd}`);
  disk.flushing[0]?.settle.reject(Object.assign(new Error("io"), { code: "EIO" }));
  await turn();
  for (const { settle } of disk.flushing) settle.resolve();
  await expect(queue.room()).rejects.toMatchObject({ code: "disk-failed" });
  await expect(queue.drain()).rejects.toMatchObject({ details: { path: "/f0", cause: "EIO" } });
  expect(disk.flushing).toHaveLength(4);
  expect(new Set(disk.closed)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});

it("abandons what waits, and what is under way once it is done", async () => {
  const disk = new FakeDisk();
  const queue = queueOf(disk);
  for (let fd = 0; fd < 6; fd += 1) queue.add(fd, "/f");
  const abandoned = queue.abandon();
  expect(disk.closed).toEqual([4, 5]);
  for (const { settle } of disk.flushing) settle.resolve();
  await abandoned;
  expect(new Set(disk.closed)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});

it.each([
  [1, 64],
  [2, 32],
  [10, 6],
  [50, 2],
])("of %d unpackings each flushes %d files at once", (unpackingCount, flushes) => {
  expect(flushesOf(unpackingCount)).toBe(flushes);
});
