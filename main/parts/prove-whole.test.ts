import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KiB } from "../bytes/sizes.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";
import { digestOf } from "./fake-wire.ts";
import { fetchItem } from "./fetch-item.ts";
import type { FetchItem } from "./ports.ts";

const KEY = "models/a.bin";
const UNIT = 128 * KiB;
/** More than a small object. */
const SIZE = 9 * UNIT + 123;
const bytes = variedBytes(SIZE);
const SMALL = bytes.subarray(0, UNIT);

let rig: FakeRig;
beforeEach(() => {
  rig = new FakeRig();
  rig.rangeBytes = UNIT;
  rig.store.isSha256Kept = false;
});
afterEach(() => {
  rig.close();
});

const fetch = (item: FetchItem) =>
  fetchItem(item, rig.fetchJournal, rig.tools, rig.controller.signal);
const gets = (): string[] => rig.store.calls.filter((call) => call.startsWith("get "));
const saysCrcOf = (content: Buffer) => {
  rig.store.crc = { algorithm: "crc32", crc: digestOf("crc32", content) };
};

/** Flips a bit of one byte as it arrives, the first `times` times that it does. */
function flipAt(position: number, times: number): void {
  let left = times;
  rig.wire.corrupt = (arrived, start) => {
    const at = position - start;
    if (at < 0 || at >= arrived.length || left === 0) return arrived;
    left -= 1;
    arrived[at] = (arrived[at] ?? 0) ^ 4;
    return arrived;
  };
}

function isHere(item: FetchItem, content: Buffer): boolean {
  return readFileSync(item.path).equals(content);
}

describe("a CRC of the whole from the origin", () => {
  it("is put together of those of the ranges as they arrive, and nothing is read back", async () => {
    rig.store.seed(KEY, bytes);
    saysCrcOf(bytes);
    const item = rig.target(KEY);
    expect(await fetch(item)).toMatchObject({ rung: "full-crc", movedTwiceBytes: 0 });
    expect(rig.wire.digestCount).toBe(0);
    expect(isHere(item, bytes)).toBe(true);
  });

  it("is put together of what is read back where ranges were cut or came in an earlier run", async () => {
    rig.store.seed(KEY, bytes);
    saysCrcOf(bytes);
    rig.wire.cutAfter = (name, attempt) =>
      name === `${UNIT}-${2 * UNIT}` && attempt === 1 ? 70_000 : undefined;
    const item = rig.target(KEY);
    expect(await fetch(item)).toMatchObject({ rung: "full-crc" });
    expect(rig.wire.digestCount).toBe(1);
  });

  it("brings everything once more when it differs, because it does not say what is wrong", async () => {
    rig.store.seed(KEY, bytes);
    saysCrcOf(bytes);
    flipAt(3 * UNIT + 5, 1);
    const item = rig.target(KEY);
    expect(await fetch(item)).toMatchObject({ rung: "full-crc", movedTwiceBytes: SIZE });
    expect(gets()).toHaveLength(20);
    expect(rig.doneBytes()).toBe(SIZE);
    expect(isHere(item, bytes)).toBe(true);
  });

  it("fails an object that differs twice, and shows nothing of it", async () => {
    rig.store.seed(KEY, bytes);
    saysCrcOf(bytes);
    flipAt(5, 2);
    const item = rig.target(KEY);
    await expect(fetch(item)).rejects.toMatchObject({
      code: "corrupt",
      details: { cause: "full-crc" },
    });
    expect(existsSync(item.path)).toBe(false);
  });

  it("comes with the answer for a small object, which is fetched again when it differs", async () => {
    rig.store.seed(KEY, SMALL);
    saysCrcOf(SMALL);
    flipAt(5, 1);
    const item = rig.target(KEY);
    expect(await fetch(item)).toMatchObject({ rung: "full-crc", movedTwiceBytes: UNIT });
    expect(rig.store.calls.filter((call) => !call.startsWith("get"))).toEqual([]);
    expect(isHere(item, SMALL)).toBe(true);
  });

  it("is asked for only where the origin has no digests of pieces, and MD5 only without either", async () => {
    rig.store.seed(KEY, bytes, 2 * UNIT);
    saysCrcOf(bytes);
    rig.store.isSha256Kept = true;
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "part-sha256" });
    expect(rig.store.count(`wholeCrc ${KEY}`)).toBe(0);
  });
});

describe("S19 ETag of a small object is not MD5", () => {
  it("is no failure, whatever the one before was compared by", async () => {
    const small = bytes.subarray(0, 5000);
    rig.rangeBytes = small.length;
    for (const [key, etag] of [
      ["plain", null],
      ["a", `"${"0".repeat(32)}"`],
      ["b", `"${"1".repeat(32)}"`],
    ] as const) {
      rig.store.seed(key, small);
      if (etag !== null) seedWithEtag(key, etag);
      const item = rig.target(key);
      const rung = etag === null ? "md5-etag" : "size";
      expect(await fetch(item)).toMatchObject({ rung });
      expect(isHere(item, small)).toBe(true);
    }
  });
});

describe("S19 ETag is not MD5", () => {
  it("is no failure: the bytes come twice, are the same, and only their number counts", async () => {
    const { key } = rig.store.seed(KEY, bytes);
    seedWithEtag(key, `"${"0".repeat(32)}"`);
    const item = rig.target(KEY);
    expect(await fetch(item)).toMatchObject({ rung: "size", movedTwiceBytes: SIZE });
    expect(isHere(item, bytes)).toBe(true);
  });

  it("is learned of a store: the next object comes once", async () => {
    rig.store.seed(KEY, bytes);
    seedWithEtag(KEY, `"${"0".repeat(32)}"`);
    await fetch(rig.target(KEY));
    rig.store.seed("b", bytes);
    seedWithEtag("b", `"${"1".repeat(32)}"`);
    expect(await fetch(rig.target("b"))).toMatchObject({ rung: "size", movedTwiceBytes: 0 });
  });

  it("is forgotten of a store as soon as an ETag is an MD5 there", async () => {
    rig.store.seed(KEY, bytes);
    seedWithEtag(KEY, `"${"0".repeat(32)}"`);
    await fetch(rig.target(KEY));
    rig.store.seed("b", bytes);
    expect(await fetch(rig.target("b"))).toMatchObject({ rung: "md5-etag" });
    rig.store.seed("c", bytes);
    flipAt(5, 1);
    expect(await fetch(rig.target("c"))).toMatchObject({ rung: "md5-etag", movedTwiceBytes: SIZE });
  });

  it("is not expected of a store where others are MD5s, however often it was met there", async () => {
    rig.store.seed(KEY, bytes);
    await fetch(rig.target(KEY));
    rig.store.seed("b", bytes);
    seedWithEtag("b", `"${"0".repeat(32)}"`);
    expect(await fetch(rig.target("b"))).toMatchObject({ rung: "size" });
    rig.store.seed("c", bytes);
    flipAt(5, 1);
    const item = rig.target("c");
    expect(await fetch(item)).toMatchObject({ rung: "md5-etag", movedTwiceBytes: SIZE });
    expect(isHere(item, bytes)).toBe(true);
  });

  it.each([`"opaque-17"`, `"${"0".repeat(32)}-2"`, `"${"0".repeat(32)}-777"`])(
    "costs nothing where it cannot be one, or nobody knows of which parts: %s",
    async (etag) => {
      rig.store.seed(KEY, bytes);
      seedWithEtag(KEY, etag);
      expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "size", movedTwiceBytes: 0 });
    },
  );

  it("does not matter where the origin says a CRC", async () => {
    rig.store.seed(KEY, bytes);
    seedWithEtag(KEY, `"${"0".repeat(32)}"`);
    saysCrcOf(bytes);
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "full-crc", movedTwiceBytes: 0 });
  });
});

describe("bytes that differ from an MD5 that the ETag is", () => {
  it.each([bytes, SMALL])("come again", async (content) => {
    rig.store.seed(KEY, content);
    flipAt(5, 1);
    const item = rig.target(KEY);
    const { length: movedTwiceBytes } = content;
    expect(await fetch(item)).toMatchObject({ rung: "md5-etag", movedTwiceBytes });
    expect(isHere(item, content)).toBe(true);
  });

  it("are a failure when they differ otherwise every time", async () => {
    rig.store.seed(KEY, bytes);
    let position = 0;
    rig.wire.corrupt = (arrived, start) => {
      if (start === 0) arrived[(position += 1)] = 0xee;
      return arrived;
    };
    const item = rig.target(KEY);
    await expect(fetch(item)).rejects.toMatchObject({
      code: "corrupt",
      details: { cause: "md5-etag" },
    });
    expect(existsSync(item.path)).toBe(false);
  });
});

describe("the rung of a download", () => {
  const SAYS = [true, false];
  const modes = SAYS.flatMap((sha256) =>
    SAYS.flatMap((crc) => SAYS.map((md5) => ({ sha256, crc, md5 }))),
  );

  it.each(modes)("is the best that the origin allows: %o", async ({ sha256, crc, md5 }) => {
    rig.store.isSha256Kept = sha256;
    rig.store.isEtagOpaque = !md5;
    rig.store.seed(KEY, bytes);
    if (crc) saysCrcOf(bytes);
    const { rung } = await fetch(rig.target(KEY));
    const best = [sha256 && "part-sha256", crc && "full-crc", md5 && "md5-etag", "size"];
    expect(rung).toBe(best.find((one) => one !== false));
    // "Size only" needs an origin that says nothing at all.
    expect(rung === "size").toBe(!sha256 && !crc && !md5);
  });
});

it("S40 bucket versioned: the receipt of a download names the version that was read", async () => {
  rig.store.seed(KEY, bytes);
  const item = rig.target(KEY);
  const versioned = { ...item, object: { ...item.object, versionId: "v3" } };
  expect(await fetch(versioned)).toMatchObject({ versionId: "v3", etag: item.object.etag });
});

function seedWithEtag(key: string, etag: string): void {
  const kept = rig.store.objects.get(key);
  if (kept !== undefined) rig.store.objects.set(key, { ...kept, info: { ...kept.info, etag } });
}
