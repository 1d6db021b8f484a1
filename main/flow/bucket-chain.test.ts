import { beforeEach, describe, expect, it } from "vitest";
import { BucketChain } from "./bucket-chain.ts";
import { FakeClock } from "./fake-clock.ts";
import { createBucketCells, TokenBucket } from "./token-bucket.ts";

const signal = new AbortController().signal;
let clock: FakeClock;
let narrow: TokenBucket;
let wide: TokenBucket;
let chain: BucketChain;

beforeEach(() => {
  clock = new FakeClock();
  narrow = new TokenBucket(createBucketCells(), clock);
  wide = new TokenBucket(createBucketCells(), clock);
  chain = new BucketChain([narrow, wide]);
});

describe("E8 caps that hold at once", () => {
  it("are as fast as the lowest of them", async () => {
    expect(chain.perSecond).toBeNull();
    wide.setRate(1000);
    expect(chain.perSecond).toBe(1000);
    narrow.setRate(100);
    expect(chain.perSecond).toBe(100);
    await chain.take(200, signal);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(1900);
    expect(clock.nowMs()).toBeLessThan(2300);
  });

  it("are both paid: the wide one has no tokens left over for what the narrow one let through", async () => {
    narrow.setRate(1000);
    wide.setRate(1000);
    await chain.take(2000, signal);
    const before = clock.nowMs();
    await wide.take(1000, signal);
    expect(clock.nowMs() - before).toBeGreaterThan(900);
  });

  it("without a rate cost no time", async () => {
    expect(await chain.take(1e9, signal)).toBe(true);
    expect(clock.nowMs()).toBe(0);
  });
});

describe("a wait that ends early", () => {
  it("gives back what it took, so that others need not wait for it", async () => {
    narrow.setRate(100);
    wide.setRate(1000);
    const cells = createBucketCells();
    new TokenBucket(cells, clock).setRate(10);
    const blocked = new TokenBucket(cells, {
      nowMs: () => 0,
      wallMs: () => 0,
      sleep: () => Promise.reject(new DOMException("", "AbortError")),
    });
    await expect(new BucketChain([narrow, blocked]).take(5, signal)).rejects.toThrow();
    const before = clock.nowMs();
    await narrow.take(5, signal);
    expect(clock.nowMs()).toBe(before);
  });

  it("is not begun with an aborted signal", async () => {
    wide.setRate(1000);
    await expect(chain.take(5, AbortSignal.abort())).rejects.toThrow();
  });
});

describe("a cap that changed after it was paid", () => {
  it("is paid again long after, and the other is not", async () => {
    narrow.setRate(100);
    wide.setRate(1000);
    const paid = chain.epochs;
    expect(chain.takeAgain(50, paid, signal)).toBeNull();
    narrow.setRate(50);
    clock.advance(1000);
    const before = clock.nowMs();
    await chain.takeAgain(100, paid, signal);
    expect(clock.nowMs() - before).toBeGreaterThan(1800);
    chain.giveBack(0);
  });
});
