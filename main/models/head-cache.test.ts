import { describe, expect, it } from "vitest";
import { HeadCache } from "./head-cache.ts";

function aCache(most = 3) {
  const cache = new HeadCache<string>(most);
  const reads: string[] = [];
  const get = async (version: string, bytes: number, isAll = false) =>
    await cache.get(version, bytes, async () => {
      reads.push(`${version} ${bytes}`);
      return { head: `${version} ${bytes}`, isAll };
    });
  return { cache, reads, get };
}

describe("what was read of heads", () => {
  it("is not read again, unless more of it is wanted", async () => {
    const { reads, get } = aCache();
    expect(await get("a", 64)).toBe("a 64");
    expect(await get("a", 64)).toBe("a 64");
    expect(await get("a", 1000)).toBe("a 1000");
    expect(await get("a", 64)).toBe("a 1000");
    expect(reads).toEqual(["a 64", "a 1000"]);
  });

  it("is enough for ever where there is no more of it", async () => {
    const { reads, get } = aCache();
    await get("a", 64, true);
    expect(await get("a", 1000)).toBe("a 64");
    expect(reads).toEqual(["a 64"]);
  });

  it("is read once for all who ask at the same time", async () => {
    const { reads, get } = aCache();
    await Promise.all([get("a", 64), get("a", 64), get("b", 64)]);
    expect(reads).toEqual(["a 64", "b 64"]);
  });

  it("is bounded: what was not asked for longest goes first", async () => {
    const { cache, reads, get } = aCache(2);
    await get("a", 1);
    await get("b", 1);
    await get("a", 1);
    await get("c", 1);
    expect(cache.size).toBe(2);
    await get("a", 1);
    await get("b", 1);
    expect(reads).toEqual(["a 1", "b 1", "c 1", "b 1"]);
  });

  it("that failed is read anew", async () => {
    const { cache, get } = aCache();
    await expect(cache.get("a", 1, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await get("a", 1)).toBe("a 1");
  });
});
