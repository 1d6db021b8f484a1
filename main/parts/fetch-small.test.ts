import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KiB } from "../bytes/sizes.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";
import { digestOf } from "./fake-wire.ts";
import { fetchItem } from "./fetch-item.ts";
import type { FetchItem } from "./ports.ts";

const KEY = "models/a.bin";
/** What one range is at most. */
const UNIT = 128 * KiB;
const SIZE = 4 * UNIT + 123;
const bytes = variedBytes(SIZE);
const small = bytes.subarray(0, 5000);

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

describe("fetching a small object", () => {
  it("takes one request, which also brings its digest", async () => {
    rig.store.seed(KEY, small);
    const receipt = await fetch(rig.target(KEY));
    expect(rig.store.calls).toEqual(["get all"]);
    // With its flush, before its name, and at the end.
    expect(rig.wire.closed).toHaveLength(3);
    expect(receipt).toMatchObject({ rung: "part-sha256", partCount: 1 });
    expect(receipt.sha256).toBe(rig.store.objects.get(KEY)?.pieces?.[0]?.sha256);
    expect(rig.doneBytes()).toBe(5000);
  });

  it("is tried again when it is cut, and once when it is wrong", async () => {
    rig.store.seed(KEY, small);
    rig.wire.cutAfter = (_, attempt) => (attempt === 1 ? 1000 : undefined);
    let count = 0;
    rig.wire.corrupt = (arrived) => ((count += 1) === 2 ? Buffer.alloc(arrived.length) : arrived);
    const item = rig.target(KEY);
    expect(await fetch(item)).toMatchObject({ movedTwiceBytes: 6000 });
    expect(readFileSync(item.path).equals(small)).toBe(true);
  });

  it("gives up on bytes that are wrong twice, and calls another object changed", async () => {
    rig.store.seed(KEY, small);
    rig.wire.corrupt = (arrived) => Buffer.alloc(arrived.length);
    const item = rig.target(KEY);
    await expect(fetch(item)).rejects.toMatchObject({ code: "corrupt" });
    rig.store.seed(KEY, Buffer.from("other"));
    await expect(fetch(item)).rejects.toMatchObject({ code: "object-changed" });
    expect(existsSync(item.path)).toBe(false);
  });

  it("goes in ranges under a cap, and where the wire says that it is too long", async () => {
    rig.store.seed(KEY, small);
    rig.wire.mostBytes = 4000;
    rig.rangeBytes = 5000;
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "part-sha256" });
    rig.rangeBytes = 2000;
    rig.store.calls.length = 0;
    rig.store.seed("b", small);
    expect(await fetch(rig.target("b"))).toMatchObject({ rung: "part-sha256" });
    expect(rig.store.count("get all")).toBe(0);
  });
});

describe("a small object's proof", () => {
  it("falls back to its MD5 where no digest comes", async () => {
    rig.store.isSha256Kept = false;
    rig.store.seed(KEY, small);
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "md5-etag", sha256: null });
    expect(rig.store.calls).toEqual(["get all"]);
  });

  it.each([
    ["SHA-256", "part-sha256", null],
    ["MD5", "md5-etag", null],
    ["CRC", "full-crc", { algorithm: "crc32", crc: digestOf("crc32", small) }],
  ] as const)(
    "is digested as it comes where the one before had its %s, and not read again",
    async (_, rung, crc) => {
      rig.store.isSha256Kept = rung === "part-sha256";
      rig.store.crc = crc;
      for (const key of [KEY, "b"]) rig.store.seed(key, small);
      expect(await fetch(rig.target(KEY))).toMatchObject({ rung });
      const before = rig.wire.digestCount;
      expect(await fetch(rig.target("b"))).toMatchObject({ rung });
      expect(rig.wire.digestCount).toBe(before);
    },
  );

  it("is compared by its MD5 also when the one before it was, and comes again when it differs", async () => {
    rig.store.isSha256Kept = false;
    rig.store.seed(KEY, small);
    await fetch(rig.target(KEY));
    rig.store.seed("b", small);
    let count = 0;
    rig.wire.corrupt = (arrived) => ((count += 1) === 1 ? Buffer.alloc(arrived.length) : arrived);
    const item = rig.target("b");
    expect(await fetch(item)).toMatchObject({ rung: "md5-etag", movedTwiceBytes: small.length });
    expect(readFileSync(item.path).equals(small)).toBe(true);
  });
});
