import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { JournalChange } from "./journal.ts";
import { Gate, nth, RunRig, settleDown } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
});

/** Long enough for their keys to be looked at before they are sent. */
const BYTES = Buffer.alloc(300 * 1024, "held");

/** Uploads of one file each, which waits at a gate of its own. */
async function held(count: number) {
  const gates = Array.from({ length: count }, () => new Gate());
  rig.store.before = async (call) => {
    const at = Number(/^stat f(\d)$/u.exec(call)?.[1] ?? -1);
    await gates[at]?.pass();
  };
  const ids = [];
  for (let n = 0; n < count; n += 1) {
    ids.push(await rig.upload({ sources: [rig.file(`f${n}`, BYTES)] }));
  }
  return { gates, ids };
}

function phases(): string[] {
  return rig.book.list().map(({ state }) => state.phase);
}

describe("a profile that is missing", () => {
  const missing = () => Promise.reject(new LonghaulError("profile-missing", "there is none"));

  it("ends a transfer", async () => {
    rig.hasProfile = false;
    rig.beforeOpen = missing;
    const id = await rig.upload({ sources: [rig.file("f", BYTES)] });
    await rig.rest(id);
    expect(rig.book.get(id).state.phase).toBe("failed");
  });

  it("for all that it is there ends a transfer, too, once and for all", async () => {
    rig.beforeOpen = missing;
    const id = await rig.upload({ sources: [rig.file("f", BYTES)] });
    await rig.rest(id);
    expect(rig.book.get(id).state.phase).toBe("failed");
  });

  it("that is there by the time this would be said is tried again", async () => {
    let openedCount = 0;
    rig.hasProfile = false;
    rig.beforeOpen = async () => {
      openedCount += 1;
      if (rig.hasProfile) return;
      rig.hasProfile = true;
      await missing();
    };
    const id = await rig.upload({ sources: [rig.file("f", BYTES)] });
    await rig.rest(id);
    expect([openedCount, rig.book.get(id).state.phase]).toEqual([2, "done"]);
  });
});

describe("slots", () => {
  it("go to the first in the queue, and on to the next when one ends", async () => {
    const { gates, ids } = await held(3);
    await gates[1]?.reached;
    expect(phases()).toEqual(["running", "running", "queued"]);
    gates[0]?.open();
    await gates[2]?.reached;
    expect(phases()).toEqual(["done", "running", "running"]);
    gates[1]?.open();
    gates[2]?.open();
    for (const id of ids) await rig.rest(id);
    expect(phases()).toEqual(["done", "done", "done"]);
  });

  it("are kept by a run that is still unwinding", async () => {
    rig.limits.upload = 1;
    const { gates, ids } = await held(2);
    const [first, second] = [nth(ids, 0), nth(ids, 1)];
    await gates[0]?.reached;
    const pausing = rig.desk.pause(first);
    await rig.until(first, ({ state }) => state.phase === "paused");
    await settleDown();
    expect(rig.book.get(second).state.phase).toBe("queued");
    gates[0]?.open();
    await pausing;
    await gates[1]?.reached;
    gates[1]?.open();
    expect((await rig.rest(second)).state.phase).toBe("done");
  });

  it("are not for the transfers of others", async () => {
    rig.isOurs = () => false;
    const id = await rig.upload({ sources: [rig.file("f")] });
    await settleDown();
    expect(rig.book.get(id).state.phase).toBe("queued");
    expect(rig.store.calls).toEqual([]);
  });
});

describe("a pause", () => {
  it("followed at once by a resume goes on in a second run", async () => {
    const { gates, ids } = await held(1);
    const id = nth(ids, 0);
    await gates[0]?.reached;
    const both = Promise.all([rig.desk.pause(id), rig.desk.resume(id)]);
    gates[0]?.open();
    await both;
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(rig.store.count("put")).toBe(1);
  });

  it("ends a run that is still opening its store", async () => {
    const opening = new Gate();
    rig.beforeOpen = async (signal) => {
      void opening.pass();
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    };
    const id = await rig.upload({ sources: [rig.file("f")] });
    await opening.reached;
    await rig.desk.pause(id);
    expect(rig.book.get(id).state.phase).toBe("paused");
    expect(rig.runner.progress(id)).toBeUndefined();
  });
});

describe("a pause that races with something else", () => {
  it("does not start again while its commit is on the way", async () => {
    rig.limits.upload = 0;
    const id = await rig.upload({ sources: [rig.file("f")] });
    rig.limits.upload = 2;
    const gate = new Gate();
    const commit = rig.journal.commit.bind(rig.journal);
    rig.journal.commit = async (changes) => {
      await gate.pass();
      await commit(changes);
    };
    const pausing = rig.desk.pause(id);
    await gate.reached;
    rig.runner.wake();
    expect(rig.runner.progress(id)).toBeUndefined();
    gate.open();
    await pausing;
    expect(rig.book.get(id).state.phase).toBe("paused");
  });

  it("wins over a failure that comes after it", async () => {
    const { gates, ids } = await held(1);
    const id = nth(ids, 0);
    await gates[0]?.reached;
    const pausing = rig.desk.pause(id);
    await rig.until(id, ({ state }) => state.phase === "paused");
    rig.store.after = () => {
      throw new LonghaulError("access-denied", "late");
    };
    gates[0]?.open();
    await pausing;
    expect(rig.book.get(id).state).toMatchObject({ phase: "paused", cause: "user" });
    expect(rig.bugs).toEqual([]);
  });

  it("of all at once leaves nothing running, whatever was where", async () => {
    const { gates, ids } = await held(5);
    await gates[1]?.reached;
    const all = Promise.all(ids.map((id) => rig.desk.pause(id)));
    for (const gate of gates) gate.open();
    await all;
    await settleDown();
    expect(phases()).toEqual(["paused", "paused", "paused", "paused", "paused"]);
  });
});

describe("a store that cannot be opened", () => {
  it.each([
    ["profile-missing", "failed"],
    ["credentials-missing", "paused"],
  ] as const)("for %s leaves the transfer %s", async (code, phase) => {
    rig.beforeOpen = () => {
      throw new LonghaulError(code, "cannot");
    };
    const id = await rig.upload({ sources: [rig.file("f")] });
    expect((await rig.rest(id)).state).toMatchObject({ phase, error: { code } });
    expect(await rig.log(id)).toEqual(phase === "failed" ? ["cannot"] : []);
  });
});

describe("close", () => {
  it("leaves states as they are, and the next start goes on", async () => {
    const { gates, ids } = await held(1);
    const id = nth(ids, 0);
    await gates[0]?.reached;
    const closing = rig.runner.close();
    gates[0]?.open();
    await closing;
    expect(rig.book.get(id).state.phase).toBe("running");
    rig.store.before = () => undefined;
    await rig.restart();
    expect(rig.book.get(id).state.phase).toBe("queued");
    rig.runner.wake();
    expect((await rig.rest(id)).state.phase).toBe("done");
  });

  it("starts nothing any more", async () => {
    await rig.runner.close();
    const id = await rig.upload({ sources: [rig.file("f")] });
    await settleDown();
    expect(rig.book.get(id).state.phase).toBe("queued");
  });
});

describe("a journal that takes nothing", () => {
  /** Refuses so many commits from now on that are not of a new transfer. */
  function refuse(count: number): void {
    let left = count;
    const commit = rig.journal.commit.bind(rig.journal);
    rig.journal.commit = async (changes: readonly JournalChange[]) => {
      if (changes.every(({ type }) => type === "transfer-put") || left === 0) {
        return await commit(changes);
      }
      left -= 1;
      throw new LonghaulError("disk-full", "no room for the journal");
    };
  }

  it("is tried again after a rest, not at once and for ever", async () => {
    refuse(4);
    const id = await rig.upload({ sources: [rig.file("f")] });
    await rig.until(id, ({ state }) => state.phase === "paused" || state.phase === "done");
    expect(rig.clock.sleptMs).toContain(10_000);
    expect(rig.bugs.length).toBeGreaterThan(0);
  });

  it("leaves the book with what it has, so that nothing counts twice", async () => {
    const id = await rig.upload({ sources: [rig.file("a"), rig.file("b")] });
    await rig.rest(id);
    const row = nth(await rig.items(id), 0);
    refuse(1);
    const wrong = rig.book.changeItem(row, { phase: "failed" });
    const right = rig.book.count(id, (counters) => ({ ...counters, movedTwiceBytes: 7 }));
    await expect(wrong).rejects.toMatchObject({ code: "disk-full" });
    await right;
    const { totals, counters, state } = rig.book.get(id);
    expect(totals.counts).toMatchObject({ done: 2, failed: 0 });
    expect(counters.movedTwiceBytes).toBe(7);
    expect(state.phase).toBe("done");
  });

  it("does not add a transfer it does not have, nor forget one that it has", async () => {
    const commit = rig.journal.commit.bind(rig.journal);
    const id = await rig.upload({ sources: [rig.file("f")] });
    await rig.rest(id);
    rig.journal.commit = async () => {
      throw new LonghaulError("disk-failed", "no");
    };
    await expect(rig.upload({ sources: [rig.file("g")] })).rejects.toMatchObject({
      code: "disk-failed",
    });
    await expect(rig.book.remove(id)).rejects.toMatchObject({ code: "disk-failed" });
    rig.journal.commit = commit;
    expect(rig.book.list().map((record) => record.id)).toEqual([id]);
    expect(await rig.book.remove(id)).toBe(true);
  });
});

describe("what runs", () => {
  it("is shown as verifying only while all of the last items are read back", async () => {
    const { gates, ids } = await held(1);
    const id = nth(ids, 0);
    await gates[0]?.reached;
    rig.runner.progress(id)?.item(0)?.stage("verifying");
    expect(rig.runner.sample()).toEqual([id]);
    await rig.until(id, ({ state }) => state.phase === "verifying");
    rig.runner.progress(id)?.item(0)?.stage("preparing");
    rig.runner.sample();
    await rig.until(id, ({ state }) => state.phase === "running");
    gates[0]?.open();
    await rig.rest(id);
    await settleDown();
    expect(rig.runner.live(id)).toBeNull();
  });

  it("may be taken off the list while it unwinds", async () => {
    const { gates, ids } = await held(1);
    const id = nth(ids, 0);
    await gates[0]?.reached;
    const canceling = rig.desk.cancel(id, true);
    await rig.until(id, ({ state }) => state.phase === "canceled");
    expect(await rig.book.remove(id)).toBe(true);
    gates[0]?.open();
    await canceling;
    await settleDown();
    expect(rig.bugs).toEqual([]);
  });
});
