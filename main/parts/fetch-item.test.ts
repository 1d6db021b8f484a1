import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";
import { fetchItem } from "./fetch-item.ts";
import type { FetchItem } from "./ports.ts";

const KEY = "models/a.bin";
/** What one range is at most. */
const UNIT = 128 * KiB;
const SIZE = 4 * UNIT + 123;
const bytes = variedBytes(SIZE);

let rig: FakeRig;
beforeEach(() => {
  rig = new FakeRig();
  rig.rangeBytes = UNIT;
});
afterEach(() => {
  rig.close();
});

const fetch = (item: FetchItem, signal = rig.controller.signal) =>
  fetchItem(item, rig.fetchJournal, rig.tools, signal);
const gets = (): string[] => rig.store.calls.filter((call) => call.startsWith("get "));
const failure = (code: "unreachable" | "access-denied" | "disk-failed") =>
  new LonghaulError(code, code);
const partFiles = (): string[] =>
  existsSync(join(rig.folder, "out/models"))
    ? readdirSync(join(rig.folder, "out/models")).filter((name) => name.endsWith(".part"))
    : [];

describe("fetching an object", () => {
  it.each([
    ["pieces of one range", UNIT],
    ["pieces smaller than a range", 37_500],
    ["pieces longer than a range", 3 * UNIT],
    ["one piece", 0],
  ])("brings it whole and proven, with %s", async (_, partBytes) => {
    rig.store.seed(KEY, bytes, partBytes);
    const item = rig.target(KEY);
    const receipt = await fetch(item);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ rung: "part-sha256", sizeBytes: SIZE, notes: [] });
    expect(receipt.movedTwiceBytes).toBe(0);
    expect(rig.doneBytes()).toBe(SIZE);
    expect(partFiles()).toEqual([]);
    expect([rig.slots.heldCount, rig.wire.closed.length > 0]).toEqual([0, true]);
  });

  it.each([0, 1, UNIT, 3 * UNIT])("brings %i bytes", async (sizeBytes) => {
    rig.store.seed(KEY, bytes.subarray(0, sizeBytes));
    const item = rig.target(KEY);
    const receipt = await fetch(item);
    expect(readFileSync(item.path).equals(bytes.subarray(0, sizeBytes))).toBe(true);
    expect(receipt.rung).toBe(sizeBytes === 0 ? "md5-etag" : "part-sha256");
    expect(rig.stages()[0]).toBe("preparing");
    expect(rig.stages().at(-1)).toBe("finalising");
  });

  it("names the digest of the whole file where the origin has it", async () => {
    rig.store.seed(KEY, bytes);
    const { sha256 } = await fetch(rig.target(KEY));
    expect(sha256).toBe(rig.store.objects.get(KEY)?.pieces?.[0]?.sha256);
  });

  it("shows nothing under the final name before every byte is there, synced and proven", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    const item = rig.target(KEY);
    rig.store.before = () => {
      expect(existsSync(item.path)).toBe(false);
    };
    rig.wire.onSync = () => {
      expect(existsSync(item.path)).toBe(false);
    };
    await fetch(item);
    expect(rig.wire.synced.length).toBeGreaterThan(0);
  });

  it("asks ranges as large as the cap of the moment allows", async () => {
    rig.store.seed(KEY, bytes.subarray(0, 2 * UNIT));
    rig.store.isSha256Kept = false;
    rig.rangeBytes = UNIT / 2;
    await fetch(rig.target(KEY));
    expect(gets()).toHaveLength(4);
  });
});

describe("a cap that falls while a fetch runs", () => {
  it("makes ranges that were planned smaller, and the pieces are proven all the same", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    rig.store.before = (call) => {
      if (call === `get 0-${UNIT}`) rig.rangeBytes = UNIT / 4;
    };
    rig.lanes = 1;
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "part-sha256", movedTwiceBytes: 0 });
    expect(gets()).toHaveLength(14);
  });

  it("asks for less when the wire says that a range is too long", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    rig.wire.mostBytes = UNIT / 3;
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "part-sha256" });
    expect(rig.clock.sleptMs).toEqual([]);
  });
});

describe("what an endpoint may do to a fetch", () => {
  it("keeps what came before a cut and asks only for the rest", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    rig.wire.cutAfter = (name, attempt) =>
      name === `0-${UNIT}` && attempt === 1 ? 70_000 : undefined;
    const receipt = await fetch(rig.target(KEY));
    expect(gets()).toContain(`get 70000-${UNIT}`);
    expect(rig.clock.sleptMs).toEqual([]);
    expect(receipt).toMatchObject({ rung: "part-sha256", movedTwiceBytes: 0 });
  });

  it("waits before it asks again when next to nothing came", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    rig.wire.cutAfter = (name, attempt) => (name === `0-${UNIT}` && attempt === 1 ? 10 : undefined);
    await fetch(rig.target(KEY));
    expect(gets()).toContain(`get 10-${UNIT}`);
    expect(rig.clock.sleptMs).toHaveLength(1);
  });

  it("tries again without an end of one part stopping the others", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    rig.store.before = (call, attempt) => {
      if (call.startsWith(`get ${UNIT}-`) && attempt < 3) throw failure("unreachable");
    };
    await fetch(rig.target(KEY));
    expect(rig.clock.sleptMs).toHaveLength(2);
    expect(gets()).toHaveLength(7);
  });

  it("never mixes two versions of an object", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    const item = rig.target(KEY);
    rig.store.before = (call) => {
      if (call.startsWith(`get ${2 * UNIT}-`)) rig.store.seed(KEY, Buffer.alloc(SIZE, 1), UNIT);
    };
    await expect(fetch(item)).rejects.toMatchObject({ code: "object-changed" });
    expect(existsSync(item.path)).toBe(false);
  });

  it("calls an object changed that is removed on the way, and missing that never was there", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    const item = rig.target(KEY);
    rig.lanes = 1;
    rig.store.before = (call) => {
      if (call.startsWith(`get ${2 * UNIT}-`)) rig.store.objects.clear();
    };
    await expect(fetch(item)).rejects.toMatchObject({ code: "object-changed" });
    await expect(fetch(item)).rejects.toMatchObject({ code: "object-missing" });
  });
});

describe("a piece that arrives wrong", () => {
  it("is fetched again, and counted", async () => {
    rig.store.seed(KEY, bytes, UNIT);
    let isFirst = true;
    rig.wire.corrupt = (arrived, start) => {
      if (start === UNIT && isFirst) arrived[5] = 1 + (arrived[5] ?? 0);
      if (start === UNIT) isFirst = false;
      return arrived;
    };
    const item = rig.target(KEY);
    const receipt = await fetch(item);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ rung: "part-sha256", movedTwiceBytes: UNIT });
    expect(rig.doneBytes()).toBe(SIZE);
  });

  it("ends the fetch when it is wrong twice, and leaves no file", async () => {
    rig.store.seed(KEY, bytes, 3 * UNIT);
    rig.wire.corrupt = (arrived, start) =>
      start === UNIT ? Buffer.alloc(arrived.length) : arrived;
    const item = rig.target(KEY);
    await expect(fetch(item)).rejects.toMatchObject({ code: "corrupt", details: { key: KEY } });
    expect(existsSync(item.path)).toBe(false);
  });
});

describe("proof without digests of pieces", () => {
  beforeEach(() => {
    rig.store.isSha256Kept = false;
  });

  it.each([
    ["one PUT", 0],
    ["parts of a usual size", MiB * 5],
  ])("compares the MD5 that the ETag of %s names", async (_, partBytes) => {
    const large = variedBytes(11 * MiB);
    rig.store.seed(KEY, large, partBytes);
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "md5-etag", sha256: null });
    expect(rig.seen).toContainEqual(["verified", 11 * MiB]);
    expect(rig.stages()).toEqual(["preparing", "moving", "verifying", "finalising"]);
  });

  it("takes the part size that the store knows", async () => {
    rig.store.seed(KEY, bytes, 97_777);
    rig.store.uploadedPartBytes = async () => 97_777;
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "md5-etag" });
  });

  it("claims no more than the size where nothing matches", async () => {
    rig.store.seed(KEY, bytes, 97_777);
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "size" });
    rig.store.isEtagOpaque = true;
    rig.store.seed("other", bytes);
    expect(await fetch(rig.target("other"))).toMatchObject({ rung: "size" });
  });
});
