import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runLanes, runTogether } from "./run-lanes.ts";

const never = new AbortController().signal;

/** A wait that ends by the signal alone, and takes its time about it. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await turn();
  await turn();
  signal.throwIfAborted();
}

describe("runTogether", () => {
  it("throws the first failure, after the others have stopped", async () => {
    const ended: string[] = [];
    const running = runTogether(
      [
        async (signal) => {
          await untilAborted(signal).finally(() => ended.push("slow"));
        },
        async () => {
          await turn();
          throw new Error("first");
        },
      ],
      never,
    );
    await expect(running).rejects.toThrow("first");
    expect(ended).toEqual(["slow"]);
  });

  it("aborts all by the signal, and says so even when all happened to succeed", async () => {
    const controller = new AbortController();
    const running = runTogether([untilAborted, async () => undefined], controller.signal);
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    await expect(runTogether([], controller.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("runLanes", () => {
  it("does everything once, never more than its lanes at a time", async () => {
    const done: number[] = [];
    let atOnce = 0;
    let most = 0;
    await runLanes(
      3,
      [1, 2, 3, 4, 5, 6, 7].values(),
      async (item) => {
        most = Math.max(most, ++atOnce);
        await turn();
        atOnce -= 1;
        done.push(item);
      },
      never,
    );
    expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it("asks for items only as lanes get free, and for none after a failure", async () => {
    const asked: number[] = [];
    function* numbers(): Generator<number> {
      for (let number = 1; number <= 1000; number += 1) {
        asked.push(number);
        yield number;
      }
    }
    const running = runLanes(
      2,
      numbers(),
      async (item) => {
        await turn();
        if (item === 4) throw new Error("fourth");
      },
      never,
    );
    await expect(running).rejects.toThrow("fourth");
    expect(asked.length).toBeLessThan(8);
  });
});
