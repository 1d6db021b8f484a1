import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { someId } from "./run-rig.ts";
import { Gate, RunRig } from "./run-rig.ts";
import { Hold } from "./hold.ts";

describe("a hold", () => {
  it("holds what was not started all the same, until it is changed", () => {
    const hold = new Hold();
    const [one, other] = [someId(), someId()];
    hold.exempt(one);
    expect(hold.set(true)).toBe(true);
    expect(hold.set(true)).toBe(false);
    expect(hold.holds(one)).toBe(true);
    hold.exempt(one);
    expect([hold.holds(one), hold.holds(other)]).toEqual([false, true]);
    hold.set(false);
    expect(hold.holds(other)).toBe(false);
    hold.set(true);
    expect(hold.holds(one)).toBe(true);
  });
});

let rig: RunRig;
beforeEach(() => {
  rig = new RunRig();
});
afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

async function pace(isPaused: boolean): Promise<void> {
  rig.hold.set(isPaused);
  await rig.runner.yieldHeld();
  rig.runner.wake();
}

describe("transfers in hours in which nothing moves", () => {
  it("wait in the queue, and start by themselves afterwards", async () => {
    await pace(true);
    const id = await rig.upload({ sources: [rig.file("f")] });
    expect(rig.book.get(id).state).toEqual({ phase: "queued" });
    await pace(false);
    await rig.rest(id);
    expect(rig.book.get(id).state.phase).toBe("done");
  });

  it("that run leave the line, keep what they moved, and go on with it", async () => {
    rig.connections = 1;
    rig.slots.setLimit(1);
    const gate = new Gate();
    rig.store.before = async (call, attempt) => {
      if (call === "part 3" && attempt === 1) await gate.pass();
    };
    const id = await rig.upload({ sources: [rig.file("large.bin", variedBytes(4 * MiB))] });
    await gate.reached;
    const paused = pace(true);
    await rig.until(id, ({ state }) => state.phase === "queued");
    gate.open();
    await paused;
    expect(rig.runner.progress(id)).toBeUndefined();
    await pace(false);
    await rig.rest(id);
    expect(rig.book.get(id)).toMatchObject({
      state: { phase: "done" },
      counters: { movedTwiceBytes: 0 },
    });
  });
});

describe("transfers that a person sees to in such hours", () => {
  it("move when a person starts one, and only that one", async () => {
    await pace(true);
    const held = await rig.upload({ sources: [rig.file("held")] });
    const id = await rig.upload({ sources: [rig.file("f")] });
    await rig.desk.resume(id);
    await rig.rest(id);
    expect(rig.book.get(id).state.phase).toBe("done");
    expect(rig.book.get(held).state.phase).toBe("queued");
  });

  it("wait when the same is asked for again, as it was asked the first time", async () => {
    await pace(true);
    const path = rig.file("f");
    const id = await rig.upload({ sources: [path] });
    expect(await rig.upload({ sources: [path] })).toBe(id);
    expect(rig.book.get(id).state.phase).toBe("queued");
  });

  it("are paused by a person as ever, and stay so when the hours are over", async () => {
    await pace(true);
    const id = await rig.upload({ sources: [rig.file("f")] });
    await rig.desk.pause(id);
    await pace(false);
    expect(rig.book.get(id).state).toMatchObject({ phase: "paused", cause: "user" });
  });
});
