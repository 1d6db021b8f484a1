import { mkdirSync } from "node:fs";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { Gate, RunRig, settleDown } from "./run-rig.ts";

const NOTHING = { entryCount: 0, readBytes: 0 };

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
  expect(rig.store.uploads.size).toBe(0);
});

const BIG = variedBytes(5 * MiB);

function folder(): string {
  rig.file("tree/a.bin", BIG.subarray(0, 2 * MiB));
  rig.file("tree/b.bin", BIG.subarray(2 * MiB));
  return rig.path("tree");
}

async function send(given: Parameters<RunRig["upload"]>[0] = {}) {
  return await rig.upload({ sources: [folder()], archive: "tar.gz", partSizeBytes: MiB, ...given });
}

function stored(key = "tree.tar.gz"): Buffer | undefined {
  return rig.store.objects.get(key)?.bytes;
}

describe("a folder that goes as one archive", () => {
  it("is one object, named after the folder and the format", async () => {
    const id = await send();
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(stored()?.equals(BIG)).toBe(true);
    const [item] = await rig.items(id);
    expect(item).toMatchObject({ name: "tree.tar.gz", sizeBytes: BIG.length, phase: "done" });
    expect(item?.receipt).toMatchObject({ sizeBytes: BIG.length, partCount: 5 });
    expect(item?.note).toBe("packed into 5.2 MB");
    expect(rig.book.get(id).totals.doneBytes).toBe(BIG.length);
  });

  it("leaves out what is excluded, and says what could not be packed", async () => {
    rig.packFolder = (_folder, _format, { filter }) => ({
      stream: Readable.from([Buffer.from(filter?.takesFile("x.tmp") ? "wrong" : "right")]),
      progress: { entryCount: 1, readBytes: 5 },
      skipped: { socket: 2 },
    });
    const id = await send({ exclude: ["*.tmp"] });
    await rig.rest(id);
    expect(stored()?.toString()).toBe("right");
    expect((await rig.log(id)).join()).toContain("Left out of tree.tar.gz on purpose: 2 × socket.");
  });

  it("of no files is an archive, too", async () => {
    mkdirSync(rig.path("empty"));
    rig.packFolder = () => ({
      stream: Readable.from([Buffer.from("end")]),
      progress: NOTHING,
      skipped: {},
    });
    const id = await rig.upload({ sources: [rig.path("empty")], archive: "tar" });
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(stored("empty.tar")?.toString()).toBe("end");
  });

  it("that is a file is refused", async () => {
    const id = await rig.upload({ sources: [rig.file("f")], archive: "tar" });
    expect((await rig.rest(id)).state).toMatchObject({ phase: "failed" });
    expect(rig.store.objects.size).toBe(0);
  });
});

describe("a key that is taken, for an archive", () => {
  it.each([
    ["ask", "paused", ["tree.tar.gz"]],
    ["skip", "done", ["tree.tar.gz"]],
    ["fail", "failed", ["tree.tar.gz"]],
    ["keep-both", "done", ["tree (2).tar.gz", "tree.tar.gz"]],
  ] as const)("is left alone where the rule is %s", async (onConflict, phase, keys) => {
    rig.store.seed("tree.tar.gz", Buffer.from("other"));
    const id = await send({ onConflict });
    expect((await rig.rest(id)).state.phase).toBe(phase);
    expect(Object.keys(rig.stored())).toEqual(keys);
    expect(stored()?.toString()).toBe("other");
  });

  it("is replaced where that is agreed", async () => {
    rig.store.seed("tree.tar.gz", Buffer.from("other"));
    const id = await send();
    await rig.rest(id);
    await rig.desk.answer(id, "replace", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(stored()?.equals(BIG)).toBe(true);
  });

  it("while it is packed is asked about, and what was sent is freed", async () => {
    rig.store.before = (call, attempt) => {
      if (call === "part 3" && attempt === 1) rig.store.seed("tree.tar.gz", Buffer.from("other"));
    };
    const id = await send();
    expect((await rig.rest(id)).state).toMatchObject({ phase: "paused", cause: "conflict" });
    expect(stored()?.toString()).toBe("other");
  });
});

describe("an archive that does not come to its end", () => {
  async function underWay() {
    const gate = new Gate();
    rig.store.before = async (call, attempt) => {
      if (call === "part 3" && attempt === 1) await gate.pass();
    };
    const id = await send();
    await gate.reached;
    return { id, gate };
  }

  it("is packed anew when it goes on, without a part of before", async () => {
    const { id, gate } = await underWay();
    const pausing = rig.desk.pause(id);
    await rig.until(id, ({ state }) => state.phase === "paused");
    gate.open();
    await pausing;
    rig.store.before = () => undefined;
    await rig.restart();
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(stored()?.equals(BIG)).toBe(true);
  });

  it("leaves nothing when it is canceled", async () => {
    const { id, gate } = await underWay();
    await rig.canceled(id, () => gate.open(), false);
    expect(rig.store.objects.size).toBe(0);
  });

  it("frees what it sent when the folder changes under it", async () => {
    const changed = new LonghaulError("source-changed", "a.bin changed");
    rig.packFolder = () => {
      async function* broken() {
        yield BIG.subarray(0, 3 * MiB);
        throw changed;
      }
      return { stream: Readable.from(broken()), progress: NOTHING, skipped: {} };
    };
    const id = await send();
    const { state } = await rig.rest(id);
    expect(state).toMatchObject({ phase: "failed", error: { code: "source-changed" } });
  });

  it("is done when its end was asked for before a crash, and took effect", async () => {
    const gate = new Gate();
    rig.store.after = async (call, attempt) => {
      if (call === "complete" && attempt === 1) await gate.pass();
    };
    const id = await send();
    await gate.reached;
    const pausing = rig.desk.pause(id);
    await rig.until(id, ({ state }) => state.phase === "paused");
    gate.open();
    await pausing;
    await rig.restart();
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(stored()?.equals(BIG)).toBe(true);
    expect(rig.store.count("open")).toBe(1);
  });
});

describe("an upload that nobody has the id of", () => {
  it("because it was asked for just before a pause is waited for, and freed", async () => {
    const gate = new Gate();
    rig.store.before = async (call, attempt) => {
      if (call === "open" && attempt === 1) await gate.pass();
    };
    const id = await send();
    await gate.reached;
    const pausing = rig.desk.pause(id);
    await rig.until(id, ({ state }) => state.phase === "paused");
    await settleDown();
    gate.open();
    await pausing;
    expect(rig.store.count("part 1")).toBe(0);
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    // It was not to be found again.
    expect(rig.store.count("findUploads")).toBe(0);
  });

  it("because nobody answered is looked for again, where it was not to be seen yet", async () => {
    rig.store.before = (call) => {
      if (call === "open") throw new LonghaulError("protocol", "no answer that says anything");
    };
    const id = await send();
    expect((await rig.rest(id)).state.phase).toBe("failed");
    const startedAtMs = rig.clock.wallMs();
    rig.store.uploads.set("late", { key: "tree.tar.gz", startedAtMs, parts: new Map() });
    rig.store.before = () => undefined;
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
  });

  it("because nobody answered is looked for also when it is its turn to be opened", async () => {
    rig.store.before = (call) => {
      if (call === "open") throw new LonghaulError("protocol", "no answer that says anything");
    };
    const id = await send();
    expect((await rig.rest(id)).state.phase).toBe("failed");
    const startedAtMs = rig.clock.wallMs();
    rig.store.before = () => undefined;
    const looks = rig.store.count("findUploads");
    rig.store.after = (call) => {
      if (call !== "findUploads" || rig.store.count(call) !== looks + 1) return;
      rig.store.uploads.set("late", { key: "tree.tar.gz", startedAtMs, parts: new Map() });
    };
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.store.uploads.size).toBe(0);
  });
});
