import { chmodSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { readResume } from "./item-record.ts";
import { Gate, RunRig } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

const LARGE = variedBytes(4 * MiB);

/** Stops an upload of four parts once some of them are at the store. */
async function pausedHalfWay(partCount = 2) {
  const path = rig.file("large.bin", LARGE);
  rig.connections = 1;
  rig.slots.setLimit(1);
  const gate = new Gate();
  rig.store.before = async (call) => {
    if (call === `part ${partCount + 1}`) await gate.pass();
  };
  const id = await rig.upload({ sources: [path] });
  await gate.reached;
  const pausing = rig.desk.pause(id);
  await rig.until(id, ({ state }) => state.phase === "paused");
  gate.open();
  await pausing;
  rig.store.before = () => undefined;
  return { id, path };
}

describe("an upload that goes on", () => {
  it("sends no part again that the store has", async () => {
    const { id } = await pausedHalfWay();
    await rig.desk.resume(id);
    const { totals } = await rig.rest(id);
    expect(totals.counts.done).toBe(1);
    const sent = rig.store.calls.filter((call) => call.startsWith("part"));
    // The third was under way when it was paused.
    expect(sent.filter((call) => call !== "part 3")).toEqual(["part 1", "part 2", "part 4"]);
    expect(rig.store.objects.get("large.bin")?.bytes.equals(LARGE)).toBe(true);
  });

  it("goes on after a crash as after a pause", async () => {
    const { id } = await pausedHalfWay();
    await rig.restart();
    expect(rig.book.get(id).counters.resumedAtBytes).toBeGreaterThanOrEqual(2 * MiB);
    await rig.desk.resume(id);
    await rig.rest(id);
    expect(rig.store.count("part 1")).toBe(1);
    expect(rig.store.count("open")).toBe(1);
  });

  it("shows no less than before, however soon it is paused again", async () => {
    const { id } = await pausedHalfWay();
    const before = rig.book.get(id).totals.doneBytes;
    const gate = new Gate();
    rig.store.before = async (call) => {
      if (call === "listParts") await gate.pass();
    };
    await rig.desk.resume(id);
    await gate.reached;
    expect(rig.runner.live(id)?.doneBytes).toBe(0);
    const pausing = rig.desk.pause(id);
    await rig.until(id, ({ state }) => state.phase === "paused");
    gate.open();
    await pausing;
    expect(rig.book.get(id).totals.doneBytes).toBe(before);
  });
});

describe("an upload that can go on no more", () => {
  it("fails and frees its parts when the file is another one by now", async () => {
    const { id, path } = await pausedHalfWay();
    writeFileSync(path, variedBytes(4 * MiB + 1));
    await rig.desk.resume(id);
    const { state, totals } = await rig.rest(id);
    expect(state).toMatchObject({ phase: "failed", error: { code: "source-changed" } });
    expect(rig.store.uploads.size).toBe(0);
    expect(totals.doneBytes).toBe(0);
    await rig.desk.resume(id);
    await rig.until(id, (record) => record.state.phase === "done");
    expect(rig.store.objects.get("large.bin")?.bytes.length).toBe(4 * MiB + 1);
  });

  it("says what the file met even when the store cannot free its parts", async () => {
    const { id, path } = await pausedHalfWay();
    writeFileSync(path, variedBytes(4 * MiB + 1));
    rig.store.before = (call) => {
      if (call === "abort") throw new LonghaulError("access-denied", "no abort for you");
    };
    await rig.desk.resume(id);
    const { state } = await rig.rest(id);
    expect(state).toMatchObject({ error: { code: "source-changed" } });
    expect(await rig.log(id)).toContainEqual(expect.stringContaining("no abort for you"));
    const [row] = await rig.items(id);
    expect(readResume(row?.resume ?? null).send).not.toBeNull();
  });

  it("frees its parts when the name is taken by now and the rule is to skip", async () => {
    const { id } = await pausedHalfWay();
    rig.store.seed("large.bin", Buffer.from("theirs"));
    await rig.desk.resume(id);
    await rig.rest(id);
    await rig.desk.answer(id, "skip", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.store.uploads.size).toBe(0);
    expect(rig.stored()).toEqual({ "large.bin": "theirs" });
  });

  it("leaves no upload behind under the name it was not given", async () => {
    const { id } = await pausedHalfWay();
    rig.store.seed("large.bin", Buffer.from("theirs"));
    await rig.desk.resume(id);
    await rig.rest(id);
    await rig.desk.answer(id, "keep-both", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.store.uploads.size).toBe(0);
    expect(rig.store.objects.get("large (2).bin")?.bytes.equals(LARGE)).toBe(true);
  });
});

describe("an upload that the store forgot", () => {
  it("begins again, counts nothing twice, and says so", async () => {
    const { id } = await pausedHalfWay();
    rig.store.uploads.clear();
    await rig.desk.resume(id);
    const { state, totals } = await rig.rest(id);
    expect(state.phase).toBe("done");
    expect(totals).toMatchObject({ doneBytes: 4 * MiB, sizeBytes: 4 * MiB });
    expect(await rig.log(id)).toContainEqual(expect.stringContaining("no longer knows"));
  });

  it("is never more done than it is long", async () => {
    const path = rig.file("large.bin", LARGE);
    rig.connections = 1;
    const seen: number[] = [];
    rig.store.before = (call, attempt) => {
      const [id] = rig.book.list();
      if (id) seen.push(rig.runner.live(id.id)?.doneBytes ?? 0);
      if (call === "part 4" && attempt === 1) rig.store.uploads.clear();
    };
    const id = await rig.upload({ sources: [path] });
    const { counters } = await rig.rest(id);
    expect(Math.max(...seen)).toBeLessThanOrEqual(4 * MiB);
    expect(counters.movedTwiceBytes).toBeGreaterThanOrEqual(3 * MiB);
  });

  it("is begun again three times and no more", async () => {
    const path = rig.file("large.bin", LARGE);
    rig.store.before = (call) => {
      if (call === "complete") rig.store.uploads.clear();
    };
    const id = await rig.upload({ sources: [path] });
    expect((await rig.rest(id)).state).toMatchObject({ error: { code: "upload-gone" } });
    expect(rig.store.count("open")).toBe(4);
  });
});

describe("an upload whose completion is in doubt", () => {
  it("is done, not a conflict with itself, when Complete took effect before a crash", async () => {
    const path = rig.file("large.bin", LARGE);
    rig.store.after = (call) => {
      if (call === "complete") throw new LonghaulError("disk-full", "stands for a crash");
    };
    const id = await rig.upload({ sources: [path] });
    expect((await rig.rest(id)).state.phase).toBe("paused");
    rig.store.after = () => undefined;
    await rig.restart();
    await rig.desk.resume(id);
    const { state, totals } = await rig.rest(id);
    expect(state.phase).toBe("done");
    expect(totals.counts.done).toBe(1);
    expect(rig.store.count("part 1")).toBe(1);
  });

  it("is already there when a single PUT took effect before a crash", async () => {
    const path = rig.file("small.bin");
    rig.store.after = (call) => {
      if (call === "put") throw new LonghaulError("credentials-wrong", "stands for a crash");
    };
    const id = await rig.upload({ sources: [path] });
    await rig.rest(id);
    rig.store.after = () => undefined;
    await rig.desk.resume(id);
    const { state, totals } = await rig.rest(id);
    expect(state.phase).toBe("done");
    expect(totals.counts.skipped).toBe(1);
    // The second was refused.
    expect(rig.store.count("put")).toBe(2);
  });
});

describe("a key", () => {
  const asked = () => rig.store.calls.filter((call) => call.startsWith("stat "));

  it("is asked about before a long file goes there, not before a short one", async () => {
    rig.file("tree/long.bin", variedBytes(MiB / 2));
    rig.file("tree/short.bin");
    await rig.rest(await rig.upload({ sources: [rig.path("tree")] }));
    expect(asked()).toEqual(["stat tree/long.bin"]);
  });

  it("is asked about first as long as those before it were taken", async () => {
    rig.connections = 1;
    for (const name of ["a", "b", "c", "d", "e"]) rig.file(`tree/${name}`);
    for (const name of ["b", "c"]) {
      rig.store.seed(`tree/${name}`, Buffer.from(`tree/${name}`));
    }
    const id = await rig.upload({ sources: [rig.path("tree")] });
    const { totals } = await rig.rest(id);
    expect(totals.counts).toMatchObject({ done: 3, skipped: 2 });
    expect(asked()).toEqual(["stat tree/b", "stat tree/c", "stat tree/d"]);
    // The one for b was refused.
    expect(rig.store.count("put")).toBe(4);
  });

  it("that is taken is asked about, never replaced, though a short file goes there unasked", async () => {
    rig.store.seed("a.bin", Buffer.from("theirs"));
    const id = await rig.upload({ sources: [rig.file("a.bin", "ours")] });
    expect((await rig.rest(id)).state).toMatchObject({ phase: "paused", cause: "conflict" });
    expect(rig.stored()).toEqual({ "a.bin": "theirs" });
    await rig.desk.answer(id, "replace", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.stored()).toEqual({ "a.bin": "ours" });
    expect(rig.store.count("put")).toBe(2);
  });
});

describe("somebody else who was faster", () => {
  it("is asked about, not overwritten and not a failure", async () => {
    const path = rig.file("a.bin", "ours");
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt === 1) rig.store.seed("a.bin", Buffer.from("theirs"));
    };
    const id = await rig.upload({ sources: [path] });
    expect((await rig.rest(id)).state).toMatchObject({ phase: "paused", cause: "conflict" });
    expect(rig.stored()).toEqual({ "a.bin": "theirs" });
  });

  it("is nobody when the bytes are the same", async () => {
    const path = rig.file("a.bin", "same");
    rig.store.before = (call, attempt) => {
      if (call === "put" && attempt === 1) rig.store.seed("a.bin", Buffer.from("same"));
    };
    const id = await rig.upload({ sources: [path] });
    expect((await rig.rest(id)).totals.counts.skipped).toBe(1);
  });

  it("is not overwritten by a Complete that goes out again", async () => {
    const path = rig.file("large.bin", LARGE);
    rig.store.before = (call) => {
      if (call === "complete") throw new LonghaulError("disk-full", "stands for a crash");
    };
    const id = await rig.upload({ sources: [path] });
    await rig.rest(id);
    rig.store.before = () => undefined;
    rig.store.seed("large.bin", Buffer.from("theirs"));
    await rig.restart();
    await rig.desk.resume(id);
    expect((await rig.rest(id)).state).toMatchObject({ phase: "paused", cause: "conflict" });
    expect(rig.stored()).toEqual({ "large.bin": "theirs" });
    await rig.desk.answer(id, "skip", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.store.uploads.size).toBe(0);
  });
});

describe("a second name", () => {
  beforeEach(() => {
    rig.store.seed("a.bin", Buffer.from("theirs"));
    rig.store.seed("a (2).bin", Buffer.from("theirs too"));
  });

  it("is the first that is free, and is said in the row", async () => {
    const path = rig.file("a.bin", "ours");
    const id = await rig.upload({ sources: [path], onConflict: "keep-both" });
    await rig.rest(id);
    expect(rig.stored()["a (3).bin"]).toBe("ours");
    const [row] = await rig.items(id);
    expect(row).toMatchObject({ name: "a.bin", note: "saved as a (3).bin" });
  });

  it("is kept across a restart", async () => {
    const path = rig.file("a.bin", LARGE);
    rig.store.before = (call) => {
      if (call === "part 3") throw new LonghaulError("credentials-expired", "keys");
    };
    const id = await rig.upload({ sources: [path], onConflict: "keep-both" });
    expect((await rig.rest(id)).state.phase).toBe("paused");
    rig.store.before = () => undefined;
    await rig.restart();
    await rig.desk.resume(id);
    await rig.rest(id);
    expect(rig.store.objects.get("a (3).bin")?.bytes.equals(LARGE)).toBe(true);
    expect(rig.store.objects.has("a (4).bin")).toBe(false);
    expect(rig.store.count("open")).toBe(1);
  });
});

describe("files of unusual sizes", () => {
  it.each([0, 1, MiB - 1, MiB, MiB + 1, 2 * MiB])("of %i bytes arrive whole", async (size) => {
    const bytes = variedBytes(size);
    const id = await rig.upload({ sources: [rig.file("f", bytes)] });
    const { totals } = await rig.rest(id);
    expect(totals.doneBytes).toBe(size);
    expect(rig.store.objects.get("f")?.bytes.equals(bytes)).toBe(true);
  });
});

it("keeps what was sent of a file that is gone until another one has its name", async () => {
  const { id, path } = await pausedHalfWay();
  rmSync(path);
  await rig.desk.resume(id);
  expect((await rig.rest(id)).state).toMatchObject({ error: { code: "path-missing" } });
  expect(rig.store.uploads.size).toBe(1);
  writeFileSync(path, LARGE);
  await rig.desk.resume(id);
  expect((await rig.rest(id)).state).toMatchObject({ error: { code: "source-changed" } });
  await rig.desk.resume(id);
  await rig.rest(id);
  expect(rig.store.objects.get("large.bin")?.bytes.equals(LARGE)).toBe(true);
});

describe("what an upload says of its objects", () => {
  it("is their type, the file's time and what was asked for", async () => {
    const path = rig.file("config.json", "{}");
    utimesSync(path, 1_700_000_000.25, 1_700_000_000.25);
    chmodSync(path, 0o640);
    const object = { storageClass: "STANDARD_IA", metadata: { run: "7" }, preserveMode: true };
    const id = await rig.upload({ sources: [path], object });
    await rig.rest(id);
    expect(rig.store.attributes.get("config.json")).toEqual({
      contentType: "application/json",
      storageClass: "STANDARD_IA",
      metadata: { mtime: "1700000000.25", mode: "100640", run: "7" },
    });
  });

  it("holds for uploads in parts, where a person's own words win", async () => {
    const path = rig.file("large.bin", LARGE);
    const object = { contentType: "model/x", metadata: { mtime: "1" } };
    await rig.rest(await rig.upload({ sources: [path], object }));
    expect(rig.store.attributes.get("large.bin")).toEqual({
      contentType: "model/x",
      metadata: { mtime: "1" },
    });
  });

  it("is the time that a page names, not that of the spool", async () => {
    const id = await rig.drop();
    const file = { name: "a.txt", sizeBytes: 0, modifiedAtMs: 1_700_000_000_250 };
    await rig.arrivals.add(id, [file]);
    await rig.arrivals.close(id);
    await rig.rest(id);
    expect(rig.store.attributes.get("a.txt")).toEqual({
      contentType: "text/plain",
      metadata: { mtime: "1700000000.25" },
    });
  });
});
