import { rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { LASTING_PATIENCE, ONE_SHOT_PATIENCE } from "../flow/patience.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { someItems } from "./journal-fixtures.ts";
import { Gate, RunRig, settleDown } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
  expect(rig.slots.heldCount).toBe(0);
});

function files(count: number, sizeBytes = 10): string {
  for (let n = 0; n < count; n += 1) {
    rig.file(`tree/f${String(n).padStart(4, "0")}`, variedBytes(sizeBytes));
  }
  return rig.path("tree");
}

describe("a run of many items", () => {
  it("moves every file once and ends with the totals of the journal", async () => {
    const id = await rig.upload({ sources: [files(450)] });
    const { state, totals } = await rig.rest(id);
    expect(state.phase).toBe("done");
    expect(totals).toMatchObject({ sizeBytes: 4500, doneBytes: 4500 });
    expect(totals.counts).toMatchObject({ waiting: 0, done: 450, skipped: 0, failed: 0 });
    expect(rig.store.count("put")).toBe(450);
    const { byPhase } = await rig.journal.itemTotals(id);
    expect(byPhase.done).toMatchObject({ count: 450, doneBytes: 4500 });
  });

  it("has no more small items under way than there are connections", async () => {
    let underWay = 0;
    let most = 0;
    rig.store.before = async (call) => {
      if (call !== "put") return;
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    };
    await rig.rest(await rig.upload({ sources: [files(40)] }));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it("has two large items under way at once, and lets small ones pass them", async () => {
    for (const name of ["a", "b", "c"]) rig.file(`tree/${name}`, Buffer.alloc(17 * MiB));
    rig.file("tree/small", "small");
    rig.partSizeBytes = 16 * MiB;
    rig.slots.setLimit(8);
    const gate = new Gate();
    rig.store.before = async (call) => {
      if (call.startsWith("part")) await gate.pass();
    };
    const id = await rig.upload({ sources: [rig.path("tree")] });
    await rig.until(id, ({ totals }) => totals.counts.done === 1);
    await vi.waitFor(() => expect(rig.store.count("open")).toBe(2), { timeout: 20_000 });
    await settleDown();
    expect(rig.stored()).toEqual({ "tree/small": "small" });
    expect(rig.store.count("open")).toBe(2);
    gate.open();
    expect((await rig.rest(id)).totals.counts.done).toBe(4);
  });

  it("uses what the listing finds before the listing ends", async () => {
    const gate = new Gate();
    rig.store.seed("p/a", Buffer.from("a"));
    let pages = 0;
    rig.store.list = async ({ cursor }) => {
      pages += 1;
      if (cursor !== null) await gate.pass();
      const info = rig.store.seed(`p/${pages}`, Buffer.from("x"));
      return { objects: [info], prefixes: [], cursor: pages === 1 ? "next" : null };
    };
    const id = await rig.download({ keys: ["p/"] });
    await rig.until(id, ({ totals }) => totals.counts.done === 1);
    expect(rig.book.get(id).listing.isComplete).toBe(false);
    gate.open();
    expect((await rig.rest(id)).totals.counts.done).toBe(2);
  });
});

it("reads each of many items once from the journal, also while they are still being listed", async () => {
  const read: number[] = [];
  const items = rig.journal.items.bind(rig.journal);
  rig.journal.items = async (query) => {
    const rows = await items(query);
    read.push(...rows.map(({ index }) => index));
    return rows;
  };
  await rig.rest(await rig.upload({ sources: [files(700)] }));
  expect(new Set(read).size).toBe(700);
  expect(read).toHaveLength(700);
});

describe("patience", () => {
  const lasting = LASTING_PATIENCE.sinceLastByteMs;

  it("ends with a day without a byte, for all items together, and keeps what was moved", async () => {
    rig.patience = LASTING_PATIENCE;
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt > 3) throw new LonghaulError("unreachable", "gone");
    };
    const id = await rig.upload({ sources: [files(40)] });
    const { state, totals } = await rig.rest(id);
    expect(state).toMatchObject({ phase: "failed", error: { code: "unreachable" } });
    expect(totals.counts).toMatchObject({ done: 3, waiting: 37 });
    expect(rig.clock.nowMs()).toBeGreaterThanOrEqual(lasting);
    // Not a day for each of the forty.
    expect(rig.clock.nowMs()).toBeLessThan(1.5 * lasting);
  });

  it("with one item that gets nowhere begins anew with every byte of the others", async () => {
    rig.file("tree/stuck", "stuck");
    files(20);
    const sign = rig.store.sign.bind(rig.store);
    rig.store.sign = async (operation) => {
      if (operation.kind !== "put") return await sign(operation);
      const isStuck = operation.key.endsWith("stuck") && rig.store.objects.size < 20;
      if (isStuck) throw new LonghaulError("server-failed", "500");
      rig.clock.advance(10 * 60_000);
      return await sign(operation);
    };
    const { state } = await rig.rest(await rig.upload({ sources: [rig.path("tree")] }));
    expect(state.phase).toBe("done");
    expect(rig.clock.nowMs()).toBeGreaterThan(2 * ONE_SHOT_PATIENCE.sinceLastByteMs);
  });
});

describe("an item's own failure", () => {
  it("is told in its row and the log, and the others go on", async () => {
    const tree = files(3);
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt === 2) throw new LonghaulError("invalid", "no such luck");
    };
    const id = await rig.upload({ sources: [tree] });
    const { state, totals } = await rig.rest(id);
    expect(totals.counts).toMatchObject({ done: 2, failed: 1 });
    expect(state).toMatchObject({
      phase: "failed",
      error: { code: "items-failed", details: { count: 1 } },
    });
    const failed = (await rig.items(id)).filter(({ phase }) => phase === "failed");
    expect(failed.map(({ error }) => error?.message)).toEqual(["no such luck"]);
    expect(await rig.log(id)).toContainEqual(`${failed[0]?.name}: no such luck`);
  });

  it("is the transfer's failure when it is the only item", async () => {
    const path = rig.file("a.bin");
    rig.store.before = (call) => {
      if (call === "put") throw new LonghaulError("invalid", "too odd", { details: { key: "a" } });
    };
    const id = await rig.upload({ sources: [path] });
    const { state } = await rig.rest(id);
    expect(state).toMatchObject({
      phase: "failed",
      error: { code: "invalid", message: "too odd" },
    });
  });
});

describe("an item that failed", () => {
  it("is tried again on retry, and what is done stays done", async () => {
    const tree = files(3);
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt === 2) throw new LonghaulError("invalid", "once");
    };
    const id = await rig.upload({ sources: [tree] });
    await rig.rest(id);
    await rig.desk.resume(id);
    const { state, totals } = await rig.rest(id);
    expect(state.phase).toBe("done");
    expect(totals.counts).toMatchObject({ done: 3, failed: 0 });
    expect(rig.store.count("put")).toBe(4);
  });

  it.each([["vanished after the walk", (path: string) => rmSync(path), "path-missing"]] as const)(
    "says that a file %s",
    async (_what, change, code) => {
      const tree = files(3);
      const gate = new Gate();
      rig.beforeOpen = async () => await gate.pass();
      const id = await rig.upload({ sources: [tree] });
      await gate.reached;
      rig.store.before = (call, attempt) => {
        if (call === "put" && attempt === 1) rmSync(rig.path("tree/f0002"));
      };
      rig.connections = 1;
      gate.open();
      await rig.rest(id);
      const [row] = (await rig.items(id)).filter(({ phase }) => phase === "failed");
      expect(row).toMatchObject({ name: "tree/f0002", error: { code } });
    },
  );

  it("takes a file of which nothing was sent as it is when its turn comes", async () => {
    rig.file("tree/a", "a");
    rig.file("tree/b", "short");
    rig.connections = 1;
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt === 1) writeFileSync(rig.path("tree/b"), "longer than before");
    };
    const id = await rig.upload({ sources: [rig.path("tree")] });
    const { totals } = await rig.rest(id);
    expect(rig.stored()["tree/b"]).toBe("longer than before");
    expect(totals.sizeBytes).toBe("a".length + "longer than before".length);
    expect(totals.doneBytes).toBe(totals.sizeBytes);
  });
});

describe("a failure that all would meet", () => {
  it.each([
    ["bucket-missing", "failed"],
    ["access-denied", "failed"],
    ["credentials-wrong", "paused"],
    ["disk-full", "paused"],
  ] as const)("of code %s leaves the transfer %s and the rest waiting", async (code, phase) => {
    rig.connections = 1;
    rig.store.before = (call) => {
      if (call === "put") throw new LonghaulError(code, "for all");
    };
    const id = await rig.upload({ sources: [files(20)] });
    const { state, totals } = await rig.rest(id);
    expect(state).toMatchObject({ phase, error: { code } });
    expect(totals.counts).toMatchObject({ waiting: 20, failed: 0 });
    expect(rig.store.count("put")).toBe(1);
  });

  it("comes from a listing too", async () => {
    rig.store.list = async () => {
      throw new LonghaulError("bucket-missing", "no bucket");
    };
    const id = await rig.download({ keys: ["p/"] });
    expect((await rig.rest(id)).state).toMatchObject({
      phase: "failed",
      error: { code: "bucket-missing" },
    });
  });

  it("goes on where it was once the cause is gone", async () => {
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt === 5) throw new LonghaulError("credentials-wrong", "keys");
    };
    rig.connections = 1;
    const id = await rig.upload({ sources: [files(9)] });
    expect((await rig.rest(id)).state).toMatchObject({ phase: "paused", cause: "credentials" });
    await rig.desk.resume(id);
    expect((await rig.until(id, ({ state }) => state.phase === "done")).totals.counts.done).toBe(9);
    expect(rig.store.count("put")).toBe(10);
  });

  it("waits for the network and goes on by itself", async () => {
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt < 4) throw new LonghaulError("unreachable", "no line");
    };
    const id = await rig.upload({ sources: [files(1)] });
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(rig.clock.sleptMs.length).toBeGreaterThanOrEqual(3);
  });
});

describe("a bug in one item", () => {
  it.each([
    ["of this thread", new TypeError("undefined is not a function")],
    ["that another thread sent", new LonghaulError("internal", "undefined is not a function")],
  ])("J10 a bug in one item, %s: it fails, is told, and the others go on", async (_, bug) => {
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt === 2) throw bug;
    };
    const id = await rig.upload({ sources: [files(50)] });
    const other = await rig.upload({ sources: [rig.file("other.bin")] });
    const { state, totals } = await rig.rest(id);
    expect((await rig.rest(other)).state.phase).toBe("done");
    expect(state).toMatchObject({
      phase: "failed",
      error: { code: "items-failed", details: { count: 1 } },
    });
    expect(totals.counts).toMatchObject({ done: 49, failed: 1, waiting: 0 });
    const failed = (await rig.items(id)).filter(({ phase }) => phase === "failed");
    expect(failed.map(({ error }) => error?.code)).toEqual(["internal"]);
    expect(rig.bugs).toEqual([bug]);
    rig.bugs.length = 0;
    await rig.desk.resume(id);
    expect((await rig.until(id, (one) => one.state.phase === "done")).totals.counts.done).toBe(50);
  });

  it("in the listing fails the transfer, is told, and leaves nothing under way", async () => {
    rig.store.list = async () => {
      throw new TypeError("undefined is not a function");
    };
    const id = await rig.download({ keys: ["p/"] });
    expect((await rig.rest(id)).state).toMatchObject({ error: { code: "internal" } });
    expect(rig.bugs.map(String)).toEqual(["TypeError: undefined is not a function"]);
    rig.bugs.length = 0;
  });
});

describe("items that are counted otherwise than the journal has them", () => {
  it("fail the transfer as a bug, and do not run it for ever", async () => {
    rig.isOurs = () => false;
    const id = await rig.upload({ sources: [rig.path("none")] });
    const listing = { isComplete: true, source: 1, cursor: null, itemCount: 1 };
    await rig.book.addItems(id, someItems(1), listing);
    await rig.journal.commit([{ type: "item-changed", transferId: id, index: 0, phase: "done" }]);
    rig.isOurs = () => true;
    rig.runner.wake();
    expect((await rig.rest(id)).state).toMatchObject({ error: { code: "internal" } });
    expect(rig.bugs.map(String)).toEqual(["Error: the book counts items that the journal has not"]);
    rig.bugs.length = 0;
  });
});

describe("a conflict", () => {
  beforeEach(() => {
    rig.file("tree/a", "ours");
    rig.file("tree/b", "fine");
    rig.store.seed("tree/a", Buffer.from("theirs"));
  });

  it("asks once everything else has moved, and goes on with the answer", async () => {
    const id = await rig.upload({ sources: [rig.path("tree")] });
    const { state, totals } = await rig.rest(id);
    expect(state).toMatchObject({ phase: "paused", cause: "conflict" });
    expect(totals.counts).toMatchObject({ asking: 1, done: 1 });
    await rig.desk.answer(id, "replace", false);
    await rig.until(id, (record) => record.state.phase === "done");
    expect(rig.stored()).toEqual({ "tree/a": "ours", "tree/b": "fine" });
  });

  it("is answered while others still move", async () => {
    const gate = new Gate();
    rig.store.before = async (call, attempt) => {
      if (call === "put" && attempt === 2) await gate.pass();
    };
    const id = await rig.upload({ sources: [rig.path("tree")] });
    await rig.until(id, ({ totals }) => totals.counts.asking === 1);
    await rig.desk.answer(id, "keep-both", false);
    gate.open();
    const { state } = await rig.rest(id);
    expect(state.phase).toBe("done");
    expect(rig.stored()).toMatchObject({ "tree/a": "theirs", "tree/a (2)": "ours" });
  });

  it.each([
    ["skip", { "tree/a": "theirs", "tree/b": "fine" }, "done"],
    ["replace", { "tree/a": "ours", "tree/b": "fine" }, "done"],
    ["fail", { "tree/a": "theirs", "tree/b": "fine" }, "failed"],
  ] as const)("is settled by the rule %s without asking", async (onConflict, stored, phase) => {
    const id = await rig.upload({ sources: [rig.path("tree")], onConflict });
    expect((await rig.rest(id)).state.phase).toBe(phase);
    expect(rig.stored()).toEqual(stored);
  });

  it("does not ask about equal content", async () => {
    rig.store.seed("tree/a", Buffer.from("ours"));
    const id = await rig.upload({ sources: [rig.path("tree")] });
    const { state, totals } = await rig.rest(id);
    expect(state.phase).toBe("done");
    expect(totals).toMatchObject({ keptBytes: 4, counts: { skipped: 1, done: 1 } });
  });

  it("answers all that are still to come", async () => {
    const id = await rig.upload({ sources: [rig.path("tree")] });
    await rig.rest(id);
    await rig.desk.answer(id, "skip", true);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.book.get(id).counters.rule).toBe("skip");
    expect(rig.stored()["tree/a"]).toBe("theirs");
  });
});

describe("progress.end", () => {
  it("never counts an item twice while its failure is written", async () => {
    const path = rig.file("a.bin", variedBytes(3 * MiB));
    rig.store.before = (call) => {
      if (call === "complete") throw new LonghaulError("invalid", "refused");
    };
    const id = await rig.upload({ sources: [path] });
    const seen: number[] = [];
    const commit = rig.journal.commit.bind(rig.journal);
    rig.journal.commit = async (changes) => {
      await commit(changes);
      const done = rig.book.get(id).totals.doneBytes + (rig.runner.live(id)?.doneBytes ?? 0);
      seen.push(done);
    };
    await rig.rest(id);
    expect(Math.max(...seen)).toBeLessThanOrEqual(3 * MiB);
  });
});
