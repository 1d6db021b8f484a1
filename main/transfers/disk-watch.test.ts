import { mkdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TransferId } from "#shared/transfer.ts";
import { keptFreeBytes } from "../disk/free-space.ts";
import { DiskWatch } from "./disk-watch.ts";
import { RunRig, settleDown } from "./run-rig.ts";

let rig: RunRig;
let watch: DiskWatch;
let freeUp: (folder: string, bytes: number) => Promise<boolean>;

beforeEach(() => {
  rig = new RunRig();
  freeUp = async () => false;
  watch = new DiskWatch({
    book: rig.book,
    space: rig.space,
    clock: rig.clock,
    isOurs: (id) => rig.isOurs(id),
    wake: () => rig.runner.wake(),
    freeUp: async (folder, bytes) => await freeUp(folder, bytes),
  });
});
afterEach(async () => {
  await rig.close();
});

/** A download that rests because its disk is full. */
async function full(): Promise<TransferId> {
  rig.store.seed("a.bin", Buffer.from("model"));
  rig.volume.freeBytes = 0;
  const id = await rig.download({ keys: ["a.bin"] });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "paused", cause: "disk" } });
  return id;
}

const phaseOf = (id: TransferId) => rig.book.get(id).state.phase;

describe("a transfer that rests for its disk", () => {
  it("stays so while there is no room, and goes on when there is", async () => {
    const id = await full();
    await watch.look();
    expect(phaseOf(id)).toBe("paused");
    rig.volume.freeBytes = 2 ** 40;
    await watch.look();
    expect(await rig.until(id, ({ state }) => state.phase === "done")).toBeDefined();
    expect(rig.read("down/a.bin")).toBe("model");
  });

  it("goes on when copies that can be had again made room, and asks for that seldom", async () => {
    const id = await full();
    const asked: (readonly [string, number])[] = [];
    let isFreed = false;
    freeUp = async (folder, bytes) => {
      asked.push([folder, bytes]);
      if (isFreed) rig.volume.freeBytes = 2 ** 40;
      return isFreed;
    };
    for (let n = 0; n < 3; n += 1) await watch.look();
    const lackingBytes = 5 + keptFreeBytes(rig.volume.totalBytes);
    expect(asked).toEqual([[rig.path("down"), lackingBytes]]);
    expect(phaseOf(id)).toBe("paused");
    isFreed = true;
    rig.clock.advance(30_000);
    for (let n = 0; n < 2; n += 1) await watch.look();
    await rig.until(id, ({ state }) => state.phase === "done");
  });

  it("is a person's from the moment that they pause it", async () => {
    const id = await full();
    await rig.desk.pause(id);
    rig.volume.freeBytes = 2 ** 40;
    await watch.look();
    expect(rig.book.get(id).state).toMatchObject({ phase: "paused", cause: "user" });
  });

  it("is left alone where another process runs it", async () => {
    const id = await full();
    rig.isOurs = () => false;
    rig.volume.freeBytes = 2 ** 40;
    await watch.look();
    expect(phaseOf(id)).toBe("paused");
  });

  it("waits for a folder that went away", async () => {
    const id = await full();
    rig.volume.freeBytes = 2 ** 40;
    rmSync(rig.path("down"), { recursive: true });
    await watch.look();
    expect(phaseOf(id)).toBe("paused");
    mkdirSync(rig.path("down"));
    await watch.look();
    await rig.until(id, ({ state }) => state.phase === "done");
  });
});

it("no more copies go while what was deleted does not count as free yet, as on btrfs", async () => {
  const id = await full();
  let asks = 0;
  freeUp = async () => (asks += 1) > 0;
  for (let n = 0; n < 60; n += 1) {
    await watch.look();
    await settleDown();
    rig.clock.advance(1000);
  }
  expect(asks).toBe(1);
  rig.volume.freeBytes = 2 ** 40;
  await watch.look();
  await rig.until(id, ({ state }) => state.phase === "done");
});

it("room is made for all that rest for a folder, or where that cannot be, for the first", async () => {
  rig.store.seed("b.bin", Buffer.from("weights!"));
  await full();
  const other = await rig.download({ keys: ["b.bin"] });
  await rig.rest(other);
  const asked: number[] = [];
  freeUp = async (_folder, bytes) => {
    asked.push(bytes);
    return false;
  };
  await watch.look();
  await settleDown();
  const keptBytes = keptFreeBytes(rig.volume.totalBytes);
  expect(asked).toEqual([5 + 8 + keptBytes, 5 + keptBytes]);
});

it("a transfer goes on when a person makes room while a disk of copies hangs, which is asked once", async () => {
  const id = await full();
  let asks = 0;
  freeUp = async () => {
    asks += 1;
    return await new Promise<never>(() => undefined);
  };
  await watch.look();
  rig.clock.advance(60_000);
  await watch.look();
  expect([asks, phaseOf(id)]).toEqual([1, "paused"]);
  rig.volume.freeBytes = 2 ** 40;
  await watch.look();
  await rig.until(id, ({ state }) => state.phase === "done");
});

it("D19 free space that lies: tries after 2 s, 4 s, … 30 s while nothing comes of it", async () => {
  const id = await full();
  const error = { code: "disk-full", message: "EDQUOT", details: { cause: "EDQUOT" } } as const;
  const restsMs: number[] = [];
  // The disk says it has room, and every write says it has none.
  rig.volume.freeBytes = 2 ** 40;
  rig.isOurs = () => true;
  rig.hold.set(true);
  for (let round = 0; round < 7; round += 1) {
    const sinceMs = rig.clock.nowMs();
    while (phaseOf(id) === "paused") {
      await watch.look();
      await settleDown();
      if (phaseOf(id) === "paused") rig.clock.advance(1000);
    }
    restsMs.push(rig.clock.nowMs() - sinceMs);
    rig.clock.advance(1);
    await rig.book.apply(id, { type: "paused", cause: "disk", error });
  }
  expect(restsMs).toEqual([0, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});
