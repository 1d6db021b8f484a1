import { appendFileSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { statFile } from "../disk/stat-file.ts";
import { FakeRig } from "./fake-rig.ts";
import type { SendItem } from "./ports.ts";
import { sendItem } from "./send-item.ts";

let rig: FakeRig;
beforeEach(() => {
  rig = new FakeRig();
});
afterEach(() => {
  rig.close();
});

const send = (item: SendItem, signal = rig.controller.signal) =>
  sendItem(item, rig.sendJournal, rig.tools, signal);
const failure = (
  code: "unreachable" | "corrupt" | "throttled" | "access-denied" | "server-failed",
) => new LonghaulError(code, code);
const stored = (key = "models/a.bin") => rig.store.objects.get(key);

/** Five parts of 1 MiB, the last shorter. */
const SIZE = 4 * MiB + 123;
const inParts = () => rig.source(SIZE, { partSizeBytes: MiB });

describe("sending a file whole", () => {
  it.each([0, 1, 5 * MiB, 16 * MiB])("moves %i bytes in one request", async (sizeBytes) => {
    const item = await rig.source(sizeBytes);
    const receipt = await send(item);
    expect(rig.store.calls).toEqual(["put"]);
    expect(stored()?.bytes.equals(readFileSync(item.path))).toBe(true);
    expect(receipt).toMatchObject({ sizeBytes, rung: "part-sha256", partCount: 1, notes: [] });
    expect(receipt.sha256).toMatch(/^[0-9a-f]{64}$/u);
    expect(rig.doneBytes()).toBe(sizeBytes);
    expect(rig.sendResume).toBeNull();
  });

  it("under a cap waits for its turn before it takes memory, and gives it back", async () => {
    const turn = Promise.withResolvers<void>();
    let leftCount = 0;
    rig.wire.enter = async () => {
      await turn.promise;
      return () => void (leftCount += 1);
    };
    const sent = send(await rig.source(MiB));
    await new Promise((resolve) => setImmediate(resolve));
    expect([rig.wire.loaded.size, rig.slots.heldCount]).toEqual([0, 0]);
    turn.resolve();
    await sent;
    expect(leftCount).toBe(1);
  });

  it("tries again, and says how much was moved twice", async () => {
    rig.store.before = (call, attempt) => {
      if (attempt <= 2) throw failure("unreachable");
    };
    const receipt = await send(await rig.source(1000));
    expect(rig.store.count("put")).toBe(3);
    expect(receipt.movedTwiceBytes).toBe(2000);
    expect(rig.wire.loaded.size).toBe(0);
    expect(rig.slots.heldCount).toBe(0);
  });

  it("claims no more than a signature where the store keeps no digest", async () => {
    rig.store.isSha256Kept = false;
    expect(await send(await rig.source(1000))).toMatchObject({ rung: "signed-sha256" });
  });
});

describe("the key of a file that is sent whole", () => {
  it("does not take its own object for a conflict when the first answer was lost", async () => {
    rig.store.after = (call, attempt) => {
      if (call === "put" && attempt === 1) throw failure("unreachable");
    };
    const receipt = await send(await rig.source(1000));
    expect(receipt).toMatchObject({ partCount: 1, etag: stored()?.info.etag });
  });

  it("reports a conflict with an object that was there before, or came between", async () => {
    rig.store.seed("models/a.bin", Buffer.from("other"));
    await expect(send(await rig.source(1000))).rejects.toMatchObject({ code: "conflict" });
    rig.store.objects.clear();
    rig.store.before = (call, attempt) => {
      if (call !== "put" || attempt > 2) return;
      rig.store.seed("models/a.bin", Buffer.alloc(1000, 1));
      throw failure("unreachable");
    };
    await expect(send(await rig.source(1000))).rejects.toMatchObject({ code: "conflict" });
    expect(stored()?.bytes).toEqual(Buffer.alloc(1000, 1));
  });
});

describe("a file that cannot be sent", () => {
  it("gives up on bytes that arrive wrong twice", async () => {
    rig.store.before = (call) => {
      if (call === "put") throw failure("corrupt");
    };
    await expect(send(await rig.source(1000))).rejects.toMatchObject({ code: "corrupt" });
    expect(rig.store.count("put")).toBe(2);
  });

  it("S24 stops where the disk gives other bytes with every reading", async () => {
    rig.store.before = (call) => {
      if (call === "put") throw failure("corrupt");
    };
    let readings = 0;
    rig.wire.misread = (bytes) => {
      bytes[0] = readings += 1;
      return bytes;
    };
    await expect(send(await rig.source(1000))).rejects.toMatchObject({
      code: "disk-failed",
      details: { cause: "unstable-read" },
    });
    expect(rig.store.count("put")).toBe(2);
  });

  it("sends nothing of a file that is not what was found", async () => {
    const item = await rig.source(1000);
    appendFileSync(item.path, "more");
    await expect(send(item)).rejects.toMatchObject({ code: "source-changed" });
    expect(rig.store.calls).toEqual([]);
  });

  it("says that a file is gone", async () => {
    const item = await rig.source(1000);
    await expect(send({ ...item, path: `${item.path}.gone` })).rejects.toMatchObject({
      code: "path-missing",
    });
  });
});

describe("sending a file in parts", () => {
  it("moves every byte and journals each step before the next", async () => {
    const item = await inParts();
    const receipt = await send(item);
    expect(stored()?.bytes.equals(readFileSync(item.path))).toBe(true);
    expect(receipt).toMatchObject({
      rung: "part-sha256",
      partCount: 5,
      versionId: "v1",
      sha256: null,
    });
    const { sendSteps } = rig;
    expect([sendSteps.slice(0, 2), sendSteps.at(-1)]).toEqual([["intent", "opened"], "completing"]);
    expect(sendSteps.slice(2, -1).toSorted()).toEqual(
      [1, 2, 3, 4, 5].map((number) => `part ${number}`),
    );
    expect(rig.doneBytes()).toBe(SIZE);
    expect(rig.stages()).toEqual(["preparing", "moving", "finalising"]);
  });

  it("sends exact multiples of the part size without an empty last part", async () => {
    await send(await rig.source(3 * MiB, { partSizeBytes: MiB }));
    expect(rig.sent.map(({ end }) => end).toSorted((a, b) => a - b)).toEqual([
      MiB,
      2 * MiB,
      3 * MiB,
    ]);
  });

  it("keeps no more requests under way than it has slots, and none at the end", async () => {
    let most = 0;
    rig.slots.setLimit(2);
    rig.store.before = () => {
      most = Math.max(most, rig.slots.heldCount);
    };
    await send(await inParts());
    expect(most).toBeLessThanOrEqual(2);
    expect([rig.slots.heldCount, rig.wire.loaded.size]).toEqual([0, 0]);
  });
});

describe("a part that fails", () => {
  it("tries a failing part again while its siblings go on", async () => {
    rig.store.before = (call, attempt) => {
      if (call === "part 2" && attempt <= 3) throw failure("throttled");
    };
    const receipt = await send(await inParts());
    expect(rig.store.count("part 2")).toBe(4);
    expect(rig.store.count("part 3")).toBe(1);
    expect(receipt.movedTwiceBytes).toBe(3 * MiB);
  });

  it("stops every sibling, and waits for them, when a part fails for good", async () => {
    rig.store.before = (call) => {
      if (call === "part 2") throw failure("access-denied");
    };
    await expect(send(await inParts())).rejects.toMatchObject({ code: "access-denied" });
    expect([rig.slots.heldCount, rig.wire.loaded.size]).toEqual([0, 0]);
    expect(rig.store.count("complete")).toBe(0);
    const calls = rig.store.calls.length;
    await new Promise(setImmediate);
    expect(rig.store.calls.length).toBe(calls);
  });

  it("never completes a file that changed while it was sent", async () => {
    const item = await inParts();
    rig.store.after = (call) => {
      // In place, with its old time put back: only ctime tells.
      if (call !== "part 5") return;
      writeFileSync(item.path, Buffer.alloc(SIZE, 9));
      utimesSync(item.path, 0, 0);
    };
    await expect(send(item)).rejects.toMatchObject({ code: "source-changed" });
    expect(stored()).toBeUndefined();
  });

  it("stops at once when it is aborted and leaves what the journal needs", async () => {
    const controller = new AbortController();
    rig.lanes = 1;
    rig.store.before = (call) => {
      if (call === "part 3") controller.abort();
    };
    await expect(send(await inParts(), controller.signal)).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(rig.sent.map(({ number }) => number)).toEqual([1, 2]);
    expect(rig.sendResume).toMatchObject({ step: "opened", uploadId: "u1" });
    expect(rig.twiceBytes()).toBe(0);
  });
});

/** Runs until part 4 is asked for, and is killed there. */
async function interrupted(): Promise<SendItem> {
  const item = await inParts();
  rig.lanes = 1;
  rig.store.before = (call) => {
    if (call === "part 4") throw failure("access-denied");
  };
  await expect(send(item)).rejects.toMatchObject({ code: "access-denied" });
  rig.store.before = () => undefined;
  rig.store.calls.length = 0;
  rig.seen.length = 0;
  return rig.resumed(item);
}

describe("going on with an upload", () => {
  it("sends only the parts that the store has not", async () => {
    const item = await interrupted();
    const receipt = await send(item);
    expect(rig.store.calls.filter((call) => call.startsWith("part "))).toEqual([
      "part 4",
      "part 5",
    ]);
    expect(rig.store.count("open")).toBe(0);
    expect(receipt).toMatchObject({ partCount: 5, rung: "part-sha256", movedTwiceBytes: 0 });
    expect([rig.keptBytes(), rig.doneBytes()]).toEqual([3 * MiB, SIZE]);
    expect(stored()?.bytes.equals(readFileSync(item.path))).toBe(true);
  });

  it("sends a part again whose bytes on disk are others now", async () => {
    const item = await interrupted();
    const bytes = readFileSync(item.path);
    bytes[MiB + 5] = 1 + (bytes[MiB + 5] ?? 0);
    writeFileSync(item.path, bytes);
    const { stamp } = await statFile(item.path);
    await send({ ...item, stamp });
    expect(rig.store.calls.filter((call) => call.startsWith("part ")).toSorted()).toEqual([
      "part 2",
      "part 4",
      "part 5",
    ]);
    expect(stored()?.bytes.equals(bytes)).toBe(true);
  });

  it.each([
    ["another ETag", { etag: "other" }],
    ["another size", { sizeBytes: 7 }],
    ["another digest", { sha256: "0".repeat(64) }],
  ])("sends a part again of which the store has %s", async (_, change) => {
    const item = await interrupted();
    const part = rig.store.uploads.get("u1")?.parts.get(2);
    if (part === undefined) throw new Error("no part");
    rig.store.uploads.get("u1")?.parts.set(2, { ...part, stored: { ...part.stored, ...change } });
    await send(item);
    expect(rig.store.count("part 2")).toBe(1);
    expect(rig.store.count("part 1")).toBe(0);
  });
});

describe("going on when something is not as it was", () => {
  it("cuts the file where the first run did, whatever the part size is now", async () => {
    const item = await interrupted();
    await send({ ...item, partSizeBytes: 2 * MiB });
    expect(rig.store.calls.filter((call) => call.startsWith("part "))).toEqual([
      "part 4",
      "part 5",
    ]);
  });

  it("frees the parts of a file that has another size now, and begins anew", async () => {
    const item = await interrupted();
    const other = await rig.source(2 * MiB, { partSizeBytes: MiB });
    await send({ ...other, resume: item.resume, sent: item.sent });
    expect([...rig.store.uploads.keys()]).toEqual([]);
    expect(rig.store.calls.slice(0, 2)).toEqual(["abort", "listParts"]);
    expect(stored()?.bytes.length).toBe(2 * MiB);
  });

  it("says that the upload is gone, and begins anew when it is told to", async () => {
    const item = await interrupted();
    rig.store.uploads.clear();
    await expect(send(item)).rejects.toMatchObject({ code: "upload-gone" });
    await send({ ...item, resume: null, sent: [] });
    expect(stored()?.bytes.equals(readFileSync(item.path))).toBe(true);
  });
});

describe("opening an upload", () => {
  it("adopts the upload whose answer was lost instead of opening a second", async () => {
    rig.store.nowMs = rig.clock.wallMs();
    rig.store.after = (call, attempt) => {
      if (call === "open" && attempt === 1) throw failure("unreachable");
    };
    await send(await inParts());
    expect([rig.store.count("open"), rig.store.uploads.size]).toEqual([1, 0]);
  });

  it("adopts the upload of an intent that a crash left without an id", async () => {
    rig.store.nowMs = rig.clock.wallMs();
    rig.store.after = (call) => {
      if (call === "open") throw failure("access-denied");
    };
    const item = await inParts();
    await expect(send(item)).rejects.toThrow();
    expect(rig.sendResume).toMatchObject({ step: "intent" });
    rig.store.after = () => undefined;
    await send(rig.resumed(item));
    expect([rig.store.count("open"), rig.store.uploads.size]).toEqual([1, 0]);
  });

  it("adopts no upload that is older, has parts, or is one of two", async () => {
    const item = await inParts();
    const intent = { step: "intent", partSizeBytes: MiB, sizeBytes: SIZE } as const;
    rig.store.nowMs = rig.clock.wallMs() - 3_600_000;
    await rig.store.openUpload(item.key);
    rig.store.nowMs = rig.clock.wallMs();
    const [one, two] = [await rig.store.openUpload(item.key), await rig.store.openUpload(item.key)];
    await send({ ...item, resume: { ...intent, intentAtMs: rig.clock.wallMs() } });
    expect(rig.store.count("open")).toBe(4);
    expect([...rig.store.uploads.keys()]).toEqual(["u1", one.uploadId, two.uploadId]);
  });

  it("opens a new one where the store does not let it look", async () => {
    rig.store.before = (call) => {
      if (call === "findUploads") throw failure("access-denied");
    };
    const item = await inParts();
    const intentAtMs = rig.clock.wallMs();
    await send({
      ...item,
      resume: { step: "intent", partSizeBytes: MiB, sizeBytes: SIZE, intentAtMs },
    });
    expect(rig.store.count("open")).toBe(1);
  });
});

describe("completing an upload", () => {
  it("knows its object when the answer was lost and the upload is gone", async () => {
    rig.store.after = (call, attempt) => {
      if (call === "complete" && attempt === 1) throw failure("unreachable");
    };
    const receipt = await send(await inParts());
    expect(receipt.etag).toBe(stored()?.info.etag);
    expect(rig.store.count("complete")).toBe(2);
  });

  it("knows it by the parts' digests where ETags say nothing", async () => {
    rig.store.isEtagOpaque = true;
    rig.store.after = (call, attempt) => {
      if (call === "complete" && attempt === 1) throw failure("server-failed");
    };
    expect((await send(await inParts())).etag).toBe(stored()?.info.etag);
  });

  it("knows it after a crash between asking and hearing", async () => {
    rig.store.after = (call) => {
      if (call === "complete") throw failure("access-denied");
    };
    const item = await inParts();
    await expect(send(item)).rejects.toThrow();
    expect(rig.sendResume).toMatchObject({ step: "completing" });
    rig.store.after = () => undefined;
    const receipt = await send(rig.resumed(item));
    expect(receipt).toMatchObject({ etag: stored()?.info.etag, partCount: 5 });
    expect(rig.store.count("complete")).toBe(1);
  });

  it("never takes another object for its own, nor writes over it", async () => {
    rig.store.after = (call, attempt) => {
      if (call !== "complete" || attempt > 1) return;
      rig.store.seed("models/a.bin", Buffer.alloc(SIZE, 3), MiB);
      throw failure("unreachable");
    };
    await expect(send(await inParts())).rejects.toMatchObject({ code: "upload-gone" });
    expect(stored()?.bytes[0]).toBe(3);
  });

  it("keeps the parts on a conflict, for the answer that a person gives", async () => {
    const item = await inParts();
    rig.store.seed(item.key, Buffer.from("other"));
    await expect(send(item)).rejects.toMatchObject({ code: "conflict" });
    expect(rig.store.uploads.size).toBe(1);
    rig.store.calls.length = 0;
    await send({ ...rig.resumed(item), condition: { kind: "any" } });
    expect(rig.store.calls.filter((call) => call.startsWith("part "))).toEqual([]);
    expect(stored()?.bytes.length).toBe(SIZE);
  });
});
