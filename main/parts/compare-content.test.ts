import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { KiB } from "../bytes/sizes.ts";
import { compareContent } from "./compare-content.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";

const SIZE = 100 * KiB;

let rig: FakeRig;
beforeEach(() => {
  rig = new FakeRig();
});
afterEach(() => {
  rig.close();
});

/** Compares a file of varied bytes, changed as told, with an object of them. */
async function compare(change: (bytes: Buffer) => void, partBytes: number): Promise<boolean> {
  const file = await rig.source(SIZE);
  const object = rig.store.seed(file.key, variedBytes(SIZE), partBytes);
  const bytes = readFileSync(file.path);
  change(bytes);
  writeFileSync(file.path, bytes);
  return await compareContent(file, object, rig.tools, rig.controller.signal);
}

const same = (): void => undefined;
const lastByte = (bytes: Buffer): void => {
  bytes[SIZE - 1] = 1 + (bytes[SIZE - 1] ?? 0);
};

describe("compareContent", () => {
  it.each([
    ["pieces", 10 * KiB],
    ["one piece", 0],
  ])("knows equal from almost equal by %s", async (_, partBytes) => {
    expect(await compare(same, partBytes)).toBe(true);
    expect(await compare(lastByte, partBytes)).toBe(false);
    expect(rig.stages().at(-1)).toBe("preparing");
  });

  it("knows it by the MD5 where the origin has no digests", async () => {
    rig.store.isSha256Kept = false;
    expect(await compare(same, 0)).toBe(true);
    expect(await compare(lastByte, 0)).toBe(false);
  });

  it("takes nothing for equal that it cannot prove", async () => {
    rig.store.isSha256Kept = false;
    rig.store.isEtagOpaque = true;
    expect(await compare(same, 0)).toBe(false);
  });

  it("reads nothing when the sizes tell, and empty files are equal", async () => {
    const file = await rig.source(10);
    const object = rig.store.seed("other", Buffer.alloc(11));
    const empty = rig.store.seed("empty", Buffer.alloc(0));
    const { tools, controller } = rig;
    expect(await compareContent(file, object, tools, controller.signal)).toBe(false);
    const nothing = { ...file, sizeBytes: 0 };
    expect(await compareContent(nothing, empty, tools, controller.signal)).toBe(true);
    expect([rig.wire.digestCount, rig.store.calls]).toEqual([0, []]);
  });

  it("reads no further than the first difference", async () => {
    expect(
      await compare((bytes) => {
        bytes[0] = 1 + (bytes[0] ?? 0);
      }, KiB),
    ).toBe(false);
    expect(rig.wire.digestCount).toBeLessThan(20);
  });

  it("says nothing of equality when it was stopped, or could not look", async () => {
    rig.store.before = () => {
      throw new LonghaulError("access-denied", "x");
    };
    await expect(compare(same, 0)).rejects.toMatchObject({ code: "access-denied" });
    rig.store.before = () => rig.controller.abort();
    await expect(compare(same, KiB)).rejects.toMatchObject({ name: "AbortError" });
  });
});
