import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TransferId } from "#shared/transfer.ts";
import { startUnpacking } from "../archives/start-unpacking.ts";
import { padded, tar, tarEntry, tarHeader } from "../archives/tar-fixtures.ts";
import { DEFAULT_LIMITS } from "../archives/unpack-order.ts";
import { readResume } from "./item-record.ts";
import { MiB } from "../bytes/sizes.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { Gate, settleDown, RunRig } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
  rig.store.seed("bert.tar", archive("one"));
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

function archive(text: string): Buffer {
  return tar(tarEntry("a.txt", text), tarEntry("deep/b.txt", "b"));
}

function into(): string {
  return rig.path("down/bert");
}

/** Gets the archive and unpacks it; how the transfer ended, and its item. */
async function get(given: Parameters<RunRig["download"]>[0] = {}) {
  const unpack = { destination: into(), method: "auto" } as const;
  const id = await rig.download({ keys: ["bert.tar"], unpack, ...given });
  const { state } = await rig.rest(id);
  const [item] = await rig.items(id);
  return { id, phase: state.phase, state, note: item?.note ?? null };
}

/** As a later request of the same. */
async function again(given: Parameters<RunRig["download"]>[0] = {}) {
  for (const { id } of rig.book.list()) await rig.desk.clear(id);
  return await get({ onConflict: "replace", ...given });
}

/** A file that somebody makes later than what is in a folder, as the disk tells time. */
function putLater(path: string, folder: string): void {
  const changedAt = (name: string) => statSync(name, { bigint: true }).ctimeNs;
  const marks = readdirSync(folder).map((name) => changedAt(join(folder, name)));
  do writeFileSync(path, "mine");
  while (marks.some((mark) => mark >= changedAt(path)));
}

function inside(name: string): string {
  return readFileSync(join(into(), name), "utf8");
}

/** What lies beside the destination, the temporary things of an unpacking, too. */
function beside(): string[] {
  return readdirSync(rig.path("down")).toSorted();
}

describe("an archive that is got to be unpacked", () => {
  it("is kept as it is, and unpacked beside, whole", async () => {
    const { phase, note } = await get();
    expect([phase, note]).toEqual(["done", `unpacked 2 files into ${into()}`]);
    expect([inside("a.txt"), inside("deep/b.txt")]).toEqual(["one", "b"]);
    expect(beside()).toEqual(["bert", "bert.tar"]);
  });

  it("says in the transfer itself what came of it", async () => {
    const { id, note } = await get();
    expect(rig.book.get(id).counters.unpacked).toEqual({ kind: "unpacked", note });
  });

  it("is in place the next time: nothing moves and nothing is written", async () => {
    await get();
    const before = rig.store.calls.length;
    const { phase, note } = await again();
    expect([phase, note]).toEqual(["done", `already here; in place in ${into()}`]);
    expect(rig.store.calls.slice(before)).toEqual(["stat bert.tar"]);
  });

  it("is unpacked again where a file of it is gone, once the folder is", async () => {
    await get();
    rmSync(into(), { recursive: true });
    expect((await again()).note).toContain("unpacked 2 files");
    expect(inside("a.txt")).toBe("one");
  });

  it("takes the place of its earlier version, if nobody touched that", async () => {
    await get();
    rig.store.seed("bert.tar", archive("two"));
    const { phase } = await again();
    expect(phase).toBe("done");
    expect(inside("a.txt")).toBe("two");
    expect(beside()).toEqual(["bert", "bert.tar"]);
  });

  it("that is none fails, and leaves nothing but itself", async () => {
    rig.store.seed("bert.tar", Buffer.from("no archive at all"));
    const { state } = await get();
    expect(state).toMatchObject({ phase: "failed", error: { code: "unsupported" } });
    expect(beside()).toEqual(["bert.tar"]);
  });
});

describe("an archive whose store gives no ETag", () => {
  function seed(text: string): void {
    rig.store.seed("bert.tar", archive(text));
    const kept = rig.store.objects.get("bert.tar");
    if (kept === undefined) throw new Error("no archive");
    rig.store.objects.set("bert.tar", { ...kept, info: { ...kept.info, etag: "" } });
  }

  it("is unpacked, and no record says of which version the file is", async () => {
    seed("one");
    const { phase, note } = await get();
    expect([phase, note]).toEqual(["done", `unpacked 2 files into ${into()}`]);
    expect(await rig.journal.entriesAt([rig.path("down/bert.tar")])).toEqual([]);
  });

  it("is unpacked again the next time: it may be another one", async () => {
    seed("one");
    await get();
    seed("two");
    expect((await again()).phase).toBe("done");
    expect(inside("a.txt")).toBe("two");
    expect(beside()).toEqual(["bert", "bert.tar"]);
  });
});

describe("an archive that is large", () => {
  const big = variedBytes(20 * MiB);

  async function halfWay() {
    rig.rangeBytes = 4 * MiB;
    rig.connections = 1;
    rig.slots.setLimit(1);
    const head = tarEntry("first.txt", "early");
    const entry = Buffer.concat([tarHeader({ name: "big.bin", size: big.length }), padded(big)]);
    rig.store.seed("big.tar", tar(head, entry), 4 * MiB);
    const gate = new Gate();
    rig.store.before = async (call, attempt) => {
      const gets = rig.store.calls.filter((made) => made.startsWith("get")).length;
      if (call.startsWith("get") && gets === 4 && attempt === 1) await gate.pass();
    };
    const unpack = { destination: into(), method: "auto" } as const;
    const id = await rig.download({ keys: ["big.tar"], unpack });
    await gate.reached;
    const early = () => {
      const folder = beside().find((name) => name.startsWith(".longhaul-extract-"));
      return folder !== undefined && existsSync(rig.path(`down/${folder}/tree/first.txt`));
    };
    return { id, gate, early };
  }

  it("is unpacked while it arrives, and is in place only when it is proven", async () => {
    const { id, gate, early } = await halfWay();
    await expect.poll(early, { timeout: 20_000 }).toBe(true);
    expect(existsSync(into())).toBe(false);
    gate.open();
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(readdirSync(into())).toEqual(["big.bin", "first.txt"]);
    expect(readFileSync(join(into(), "first.txt"), "utf8")).toBe("early");
    expect(beside()).toEqual(["bert", "big.tar"]);
  });

  it("leaves nothing of it when it is paused, and all is there when it goes on", async () => {
    const { id, gate, early } = await halfWay();
    await expect.poll(early, { timeout: 20_000 }).toBe(true);
    const pausing = rig.desk.pause(id);
    await rig.until(id, ({ state }) => state.phase === "paused");
    gate.open();
    await pausing;
    expect(beside().filter((name) => name.startsWith(".longhaul-extract-"))).toEqual([]);
    rig.store.before = () => undefined;
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(readdirSync(into())).toEqual(["big.bin", "first.txt"]);
  });
});

describe("a destination that holds something", () => {
  const others = () => {
    mkdirSync(into(), { recursive: true });
    writeFileSync(join(into(), "mine.txt"), "mine");
  };

  it("is asked about, and left alone where it is skipped", async () => {
    others();
    const { id, state } = await get();
    expect(state).toMatchObject({ phase: "paused", cause: "conflict" });
    expect(readdirSync(into())).toEqual(["mine.txt"]);
    const asked = { kind: "asking", note: `${into()} holds other files` };
    expect(rig.book.get(id).counters.unpacked).toEqual(asked);
    await rig.desk.answer(id, "skip", false);
    await rig.until(id, ({ state: now }) => now.phase === "done");
    expect(rig.book.get(id).counters.unpacked).toMatchObject({ kind: "left" });
    expect((await rig.items(id))[0]?.note).toContain("not unpacked");
    expect(readdirSync(into())).toEqual(["mine.txt"]);
  });

  it("is kept beside where it is replaced: nobody's files are deleted", async () => {
    others();
    const { id } = await get();
    await rig.desk.answer(id, "replace", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(inside("a.txt")).toBe("one");
    expect(readFileSync(rig.path("down/bert (before) (2)/mine.txt"), "utf8")).toBe("mine");
  });

  it("is left as it is where both are kept", async () => {
    others();
    const { phase } = await get({ onConflict: "keep-both" });
    expect(phase).toBe("done");
    expect(readdirSync(into())).toEqual(["mine.txt"]);
    expect(readFileSync(rig.path("down/bert (2)/a.txt"), "utf8")).toBe("one");
  });

  it("is another's where a file of ours was changed", async () => {
    await get();
    writeFileSync(join(into(), "a.txt"), "changed by hand");
    rig.store.seed("bert.tar", archive("two"));
    const { state } = await again({ onConflict: "fail" });
    expect(state.phase).toBe("failed");
    expect(inside("a.txt")).toBe("changed by hand");
  });

  it("is another's where somebody put a file into it", async () => {
    await get();
    writeFileSync(join(into(), "notes.txt"), "mine");
    rig.store.seed("bert.tar", archive("two"));
    expect((await again({ onConflict: "skip" })).note).toContain("other content");
    expect([inside("a.txt"), inside("notes.txt")]).toEqual(["one", "mine"]);
  });
});

describe("a destination that was asked about", () => {
  it("is not asked about while the archive itself has to be, and is afterwards", async () => {
    mkdirSync(into(), { recursive: true });
    writeFileSync(join(into(), "mine.txt"), "mine");
    const { id } = await get();
    writeFileSync(rig.path("down/bert.tar"), "somebody else's");
    await rig.desk.answer(id, "keep-both", false);
    await rig.until(id, ({ counters, state }) => {
      return counters.unpacked === null && state.phase === "paused";
    });
    expect(readdirSync(into())).toEqual(["mine.txt"]);
    // What is said now is about the archive, and counts.
    await rig.desk.answer(id, "keep-both", false);
    await rig.until(id, ({ counters, state }) => {
      return counters.unpacked?.kind === "asking" && state.phase === "paused";
    });
    await rig.desk.answer(id, "keep-both", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(beside()).toEqual(["bert", "bert (2)", "bert (2).tar", "bert.tar"]);
  });
});

describe("an earlier version that waits aside", () => {
  /** As after a crash in the middle of taking its place, while somebody still wrote into it. */
  async function crashed(): Promise<{ readonly id: TransferId; readonly unpackId: string }> {
    await get();
    writeFileSync(join(into(), "mine.txt"), "mine");
    rig.store.seed("bert.tar", archive("two"));
    const { id } = await again({ onConflict: "ask" });
    const asking = async () => readResume((await rig.items(id))[0]?.resume ?? null).unpackId;
    await expect.poll(asking, { timeout: 20_000 }).not.toBeNull();
    await rig.until(id, ({ state }) => state.phase === "paused");
    const unpackId = (await asking()) ?? "";
    renameSync(into(), rig.path(`down/.longhaul-before-${unpackId}`));
    return { id, unpackId };
  }

  it("is kept where somebody put something into it", async () => {
    const { id } = await crashed();
    await rig.desk.answer(id, "replace", false);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(inside("a.txt")).toBe("two");
    expect(beside()).toEqual(["bert", "bert (before) (2)", "bert.tar"]);
    expect(readFileSync(rig.path("down/bert (before) (2)/mine.txt"), "utf8")).toBe("mine");
  });

  it("is shown when it is given up and somebody else has its place", async () => {
    const { id } = await crashed();
    mkdirSync(into());
    await rig.desk.cancel(id, false);
    expect(beside()).toEqual(["bert", "bert (before) (2)", "bert.tar"]);
  });
});

describe("an unpacking that a crash ended", () => {
  it("leaves nothing when its transfer is canceled, and what waited aside comes back", async () => {
    rig.isOurs = () => false;
    const unpack = { destination: into(), method: "auto" } as const;
    const id = await rig.download({ keys: ["bert.tar"], unpack });
    await rig.until(id, ({ state }) => state.phase === "queued");
    await rig.book.addItems(id, [{ index: 0, name: "bert.tar", sizeBytes: 1, source: null }], {
      ...rig.book.get(id).listing,
      itemCount: 1,
    });
    const unpackId = "0f0f0f0f-0000-4000-8000-000000000000";
    const resume = { ...readResume(null), unpackId };
    await rig.journal.commit([{ type: "item-changed", transferId: id, index: 0, resume }]);
    rig.file(`down/.longhaul-before-${unpackId}/a.txt`, "one");
    mkdirSync(rig.path(`down/.longhaul-extract-${unpackId}`));
    await rig.desk.cancel(id, false);
    expect(beside()).toEqual(["bert"]);
    expect(inside("a.txt")).toBe("one");
  });

  it("after it was in place is kept as what it is, and not done again", async () => {
    rig.isOurs = () => false;
    const unpack = { destination: into(), method: "auto" } as const;
    const id = await rig.download({ keys: ["bert.tar"], unpack });
    const unpackId = "0f0f0f0f-0000-4000-8000-000000000000";
    const path = rig.file("down/archive.tar", archive("one"));
    const order = {
      id: unpackId,
      archivePath: path,
      archiveName: "bert.tar",
      destination: into(),
      isMarkKept: true,
      method: "auto",
      links: "skip",
      limits: DEFAULT_LIMITS,
      availableBytes: null,
    } as const;
    await startUnpacking(order, new AbortController().signal).done;
    expect(beside()).toContain(`.longhaul-extract-${unpackId}`);
    putLater(join(into(), "mine.txt"), rig.path(`down/.longhaul-extract-${unpackId}`));
    rig.isOurs = () => true;
    rig.runner.wake();
    await settleDown();
    await rig.rest(id);
    const [item] = await rig.items(id);
    expect(item?.phase).toBe("asking");
    // Only who knows the name of the temporary folder knows whose it is.
    const resume = { ...Object(item?.resume), unpackId, isUnpackAsked: false, answer: null };
    await rig.journal.commit([
      { type: "item-changed", transferId: id, index: 0, resume, phase: "waiting" },
    ]);
    await rig.restart();
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(inside("a.txt")).toBe("one");
    expect(existsSync(rig.path(`down/.longhaul-extract-${unpackId}`))).toBe(false);
    expect(await rig.journal.unpackedAt(into())).toMatchObject({ key: "bert.tar" });
    const files = await rig.journal.unpackedFiles({ destination: into(), after: null, limit: 9 });
    expect(files.map((file) => file.path)).toEqual(["a.txt", "deep/b.txt"]);
  });
});

it("leaves nothing beside what is in place, where a crash came after the journal knew of it", async () => {
  const first = await get();
  const [before] = await rig.items(first.id);
  await rig.desk.clear(first.id);
  const unpackId = "0f0f0f0f-0000-4000-8000-000000000000";
  const mark = { id: unpackId, name: "bert", ino: String(statSync(into()).ino) };
  rig.file(`down/.longhaul-extract-${unpackId}/longhaul-extract.json`, JSON.stringify(mark));
  rig.isOurs = () => false;
  const unpack = { destination: into(), method: "auto" } as const;
  const id = await rig.download({ keys: ["bert.tar"], unpack });
  const { name = "", sizeBytes = 0, source = null } = before ?? {};
  const resume = { ...readResume(null), unpackId };
  const listing = { ...rig.book.get(id).listing, itemCount: 1, isComplete: true };
  await rig.book.addItems(id, [{ index: 0, name, sizeBytes, source }], listing);
  await rig.journal.commit([{ type: "item-changed", transferId: id, index: 0, resume }]);
  rig.isOurs = () => true;
  rig.runner.wake();
  await rig.until(id, ({ state }) => state.phase === "done");
  expect(beside()).toEqual(["bert", "bert.tar"]);
  expect(inside("a.txt")).toBe("one");
});
