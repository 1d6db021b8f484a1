import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { SharedEffect } from "./shared-effect.ts";

/** Effects that end when told, in the order in which they began. */
function openShared() {
  const begun: { readonly key: string; readonly end: PromiseWithResolvers<number> }[] = [];
  const shared = new SharedEffect((key) => {
    const end = Promise.withResolvers<number>();
    begun.push({ key, end });
    return end.promise;
  });
  const keys = (): string[] => begun.map(({ key }) => key);
  const end = async (index: number): Promise<void> => {
    begun[index]?.end.resolve(index);
    await turn();
  };
  const fail = async (index: number): Promise<void> => {
    begun[index]?.end.reject(new Error(`effect ${index}`));
    await turn();
  };
  return { shared, keys, end, fail };
}

describe("SharedEffect", () => {
  it("runs once for all who ask while another is under way", async () => {
    const { shared, keys, end } = openShared();
    const first = shared.run("a");
    const later = [shared.run("a"), shared.run("a"), shared.run("a")];
    expect(keys()).toEqual(["a"]);
    await end(0);
    expect(keys()).toEqual(["a", "a"]);
    await end(1);
    expect(await Promise.all([first, ...later])).toEqual([0, 1, 1, 1]);
  });

  it("never answers by one that began before it was asked for", async () => {
    const { shared, keys, end } = openShared();
    const asked = [shared.run("a"), shared.run("a")];
    await end(0);
    asked.push(shared.run("a"));
    await end(1);
    await end(2);
    expect(await Promise.all(asked)).toEqual([0, 1, 2]);
    expect(keys()).toHaveLength(3);
  });

  it("keeps keys apart, and begins at once when nothing is under way", async () => {
    const { shared, keys, end } = openShared();
    const asked = [shared.run("a"), shared.run("b")];
    expect(keys()).toEqual(["a", "b"]);
    await end(0);
    await end(1);
    await Promise.all(asked);
    void shared.run("a");
    expect(keys()).toEqual(["a", "b", "a"]);
  });

  it("gives a failure to those who share it, and to nobody else", async () => {
    const { shared, fail, end } = openShared();
    const asked = [shared.run("a"), shared.run("a"), shared.run("a")];
    const settled = Promise.allSettled(asked);
    await fail(0);
    await end(1);
    expect((await settled).map(({ status }) => status)).toEqual([
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
  });
});
