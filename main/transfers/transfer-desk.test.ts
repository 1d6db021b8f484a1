import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TransferId } from "#shared/transfer.ts";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { answerItems } from "./answer-items.ts";
import { createDiscard } from "./discard-items.ts";
import { readResume } from "./item-record.ts";
import { aTransferId, aTransferOf, aTransferRow } from "./journal-fixtures.ts";
import { Gate, LARGE, nth, RunRig } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

describe("the same wish again", () => {
  it("is the same transfer, also when both come at once", async () => {
    const path = rig.file("f");
    const [a, b] = await Promise.all([
      rig.upload({ sources: [path] }),
      rig.upload({ sources: [path] }),
    ]);
    expect(a).toBe(b);
    await rig.rest(a);
    expect(rig.book.list().length).toBe(1);
  });

  it("is a new one when the first is done, and when it moves something else", async () => {
    const path = rig.file("f");
    const first = await rig.upload({ sources: [path] });
    await rig.rest(first);
    expect(await rig.upload({ sources: [path] })).not.toBe(first);
    rig.isOurs = () => false;
    const all = await rig.upload({ sources: [rig.path("tree")] });
    const some = await rig.upload({ sources: [rig.path("tree")], include: ["*.bin"] });
    expect(some).not.toBe(all);
  });

  it("goes on with what failed", async () => {
    const path = rig.file("f");
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt === 1) throw new LonghaulError("invalid", "once");
    };
    const id = await rig.upload({ sources: [path] });
    expect((await rig.rest(id)).state.phase).toBe("failed");
    expect(await rig.upload({ sources: [path] })).toBe(id);
    expect((await rig.until(id, ({ state }) => state.phase === "done")).totals.counts.done).toBe(1);
  });

  it("brings its own rule for conflicts", async () => {
    const path = rig.file("f", "ours");
    rig.store.seed("f", Buffer.from("theirs"));
    const id = await rig.upload({ sources: [path], onConflict: "fail" });
    expect((await rig.rest(id)).state).toMatchObject({ error: { code: "conflict" } });
    expect(await rig.upload({ sources: [path], onConflict: "replace" })).toBe(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.stored()).toEqual({ f: "ours" });
  });

  it("answers what an earlier one asked", async () => {
    const path = rig.file("f", "ours");
    rig.store.seed("f", Buffer.from("theirs"));
    const id = await rig.upload({ sources: [path] });
    expect((await rig.rest(id)).state).toMatchObject({ cause: "conflict" });
    await rig.upload({ sources: [path], onConflict: "skip" });
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.stored()).toEqual({ f: "theirs" });
  });

  it("goes on with parts that a cancel kept", async () => {
    const { id, path, go } = await rig.halfWay();
    await rig.canceled(id, go, true);
    expect(rig.store.uploads.size).toBe(1);
    expect(await rig.upload({ sources: [path] })).toBe(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.store.count("part 1")).toBe(1);
    expect(rig.store.count("open")).toBe(1);
  });
});

describe("a cancel", () => {
  it("frees what is at the store, and begins anew next time", async () => {
    const { id, path, go } = await rig.halfWay();
    await rig.canceled(id, go, false);
    expect(rig.store.uploads.size).toBe(0);
    expect(await rig.log(id)).toContain("What was moved so far is removed.");
    const next = await rig.upload({ sources: [path] });
    expect(next).not.toBe(id);
    await rig.rest(next);
    expect(rig.store.objects.get("large.bin")?.bytes.equals(LARGE)).toBe(true);
  });

  it("removes the partial file of a download", async () => {
    rig.store.seed("large.bin", LARGE, MiB);
    rig.rangeBytes = MiB;
    rig.slots.setLimit(1);
    const gate = new Gate();
    let gets = 0;
    rig.store.before = async (call) => {
      if (call.startsWith("get") && (gets += 1) === 3) await gate.pass();
    };
    const id = await rig.download({ keys: ["large.bin"] });
    await gate.reached;
    expect(readdirSync(rig.path("down")).length).toBe(1);
    await rig.canceled(id, () => gate.open(), false);
    expect(readdirSync(rig.path("down"))).toEqual([]);
  });

  it("keeps in mind what a store that is away still holds", async () => {
    const { id, go } = await rig.halfWay();
    const away = new LonghaulError("unreachable", "no line");
    rig.store.before = (call) => {
      if (call === "abort") throw away;
    };
    await rig.canceled(id, go, false);
    expect(rig.book.get(id).state.phase).toBe("canceled");
    expect(rig.store.uploads.size).toBe(1);
    expect(await rig.log(id)).toContainEqual("1 unfinished item could not be removed yet: no line");
    const row = nth(await rig.items(id), 0);
    expect(readResume(row.resume).send).not.toBeNull();
    rig.store.before = () => undefined;
    await rig.restart();
    const discard = createDiscard(rig.ports, new AbortController().signal);
    await discard(rig.book.get(id));
    expect(rig.store.uploads.size).toBe(0);
    const aborts = rig.store.count("abort");
    await discard(rig.book.get(id));
    expect(rig.store.count("abort")).toBe(aborts);
  });
});

describe("a cancel that was asked for", () => {
  it("is waited for by an engine that ends, until the upload is gone", async () => {
    const { id, go } = await rig.halfWay();
    const stuck = new Gate();
    rig.store.before = async (call) => {
      if (call === "abort") await stuck.pass();
    };
    const canceling = rig.desk.cancel(id, false);
    let isEnded = false;
    const ending = rig.desk.canceled().then(() => (isEnded = true));
    go();
    await stuck.reached;
    expect([isEnded, rig.store.uploads.size]).toEqual([false, 1]);
    stuck.open();
    await Promise.all([canceling, ending]);
    expect(rig.store.uploads.size).toBe(0);
  });

  it("can be asked for again, to remove what the store held back", async () => {
    const { id, go } = await rig.halfWay();
    rig.store.before = (call) => {
      if (call === "abort") throw new LonghaulError("unreachable", "no line");
    };
    await rig.canceled(id, go, false);
    rig.store.before = () => undefined;
    await rig.desk.cancel(id, true);
    expect(rig.store.uploads.size).toBe(1);
    await Promise.all([rig.desk.cancel(id, false), rig.desk.cancel(id, false)]);
    expect(rig.store.uploads.size).toBe(0);
  });
});

describe("a cancel of what is odd", () => {
  it("does not fail for want of a profile either", async () => {
    const { id, go } = await rig.halfWay();
    rig.beforeOpen = () => {
      throw new LonghaulError("profile-missing", "gone");
    };
    await rig.canceled(id, go, false);
    expect(await rig.log(id)).toContainEqual(expect.stringContaining("gone"));
  });

  it("finds an upload whose id was never learned", async () => {
    const path = rig.file("large.bin", LARGE);
    rig.store.after = (call) => {
      if (call === "open") throw new LonghaulError("credentials-wrong", "stands for a crash");
    };
    const id = await rig.upload({ sources: [path] });
    expect((await rig.rest(id)).state.phase).toBe("paused");
    rig.store.nowMs = rig.clock.wallMs();
    for (const [key, upload] of rig.store.uploads) {
      rig.store.uploads.set(key, { ...upload, startedAtMs: rig.clock.wallMs() });
    }
    await rig.desk.cancel(id, false);
    expect(rig.store.uploads.size).toBe(0);
  });

  it("leaves a done transfer and a user's own files alone", async () => {
    const path = rig.file("f");
    const id = await rig.upload({ sources: [path] });
    await rig.rest(id);
    await rig.desk.cancel(id, false);
    await rig.desk.resume(id);
    expect(rig.book.get(id).state.phase).toBe("done");
    expect(existsSync(path)).toBe(true);
    expect(rig.stored()).toEqual({ f: "f" });
  });

  it("of a queued transfer ends it before it began", async () => {
    rig.limits.upload = 0;
    const id = await rig.upload({ sources: [rig.file("f")] });
    await rig.desk.cancel(id, false);
    rig.limits.upload = 1;
    rig.runner.wake();
    await rig.desk.resume(id);
    expect(rig.book.get(id).state).toMatchObject({ phase: "canceled", isKept: false });
    expect(rig.store.calls).toEqual([]);
  });
});

describe("the queue", () => {
  async function three(): Promise<TransferId[]> {
    rig.limits.upload = 0;
    const ids = [];
    for (const name of ["a", "b", "c"]) ids.push(await rig.upload({ sources: [rig.file(name)] }));
    return ids;
  }

  function order(): string {
    return rig.book
      .list()
      .map(({ name }) => name)
      .join("");
  }

  it.each([
    [2, "top", "cab"],
    [0, "bottom", "bca"],
    [2, "up", "acb"],
    [0, "down", "bac"],
    [0, "up", "abc"],
    [2, "down", "abc"],
  ] as const)("moves number %i %s to give %s", async (index, to, expected) => {
    const ids = await three();
    await rig.desk.move(nth(ids, index), to);
    expect(order()).toBe(expected);
    await rig.restart();
    expect(order()).toBe(expected);
  });

  it("puts first what a person wants now", async () => {
    const ids = await three();
    await rig.desk.resume(nth(ids, 2));
    expect(order()).toBe("cab");
    rig.limits.upload = 1;
    rig.runner.wake();
    await rig.rest(nth(ids, 2));
    expect(rig.adopted).toContain(nth(ids, 2));
  });
});

it("answers a thousand conflicts a page at a time, and touches nothing else", async () => {
  const id = aTransferId(1);
  await rig.journal.commit(aTransferOf(1000, aTransferRow({ id })));
  const rows = await rig.items(id);
  const asking = rows.filter(({ index }) => index !== 500);
  await rig.journal.commit(
    asking.map(({ index }) => ({
      type: "item-changed",
      transferId: id,
      index,
      phase: "asking",
    })),
  );
  await answerItems(rig.journal, id, "keep-both");
  const answers = (await rig.items(id)).map(({ resume }) => readResume(resume).answer);
  expect(answers.filter((answer) => answer === "keep-both").length).toBe(999);
  expect(answers[500]).toBeNull();
});
