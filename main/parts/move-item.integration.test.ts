import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { abandonSend } from "./abandon.ts";
import { fetchItem } from "./fetch-item.ts";
import type { FetchItem, SendItem } from "./ports.ts";
import { RealRig } from "./real-rig.ts";
import { sendItem } from "./send-item.ts";

let rig: RealRig;
const never = new AbortController().signal;

beforeAll(async () => {
  rig = await RealRig.open();
});
afterAll(async () => {
  await rig.close();
});
beforeEach(() => {
  Object.assign(rig, { doneBytes: 0, keptBytes: 0, sent: [], sendResume: null, fetchResume: null });
  rig.onDone = () => undefined;
});

const send = (item: SendItem, signal = never) => sendItem(item, rig.sendJournal, rig.tools, signal);
const fetch = (item: FetchItem, signal = never) =>
  fetchItem(item, rig.fetchJournal, rig.tools, signal);

/** Stops as soon as some bytes are done. */
function stopAfter(bytes: number): AbortSignal {
  const controller = new AbortController();
  rig.onDone = () => {
    if (rig.doneBytes >= bytes) controller.abort();
  };
  return controller.signal;
}

/** Of this process, its threads included; nothing where the system does not say. */
function openPaths(): readonly string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

describe("an item through the real wire and the sandbox store", () => {
  it.each([
    ["empty", 0, 0],
    ["one-byte", 1, 0],
    ["small", 500_000, 0],
    ["one-part", 5 * MiB, 0],
    ["three-parts", 15 * MiB, 5],
    ["and-a-bit", 15 * MiB + 1, 5],
  ])("goes up and comes back as it was: %s", async (name, sizeBytes, partMib) => {
    const bytes = randomBytes(sizeBytes);
    const item = await rig.source(name, bytes);
    const receipt = await send({ ...item, partSizeBytes: partMib * MiB || null });
    expect(receipt).toMatchObject({ rung: "part-sha256", sizeBytes, movedTwiceBytes: 0 });
    expect(rig.doneBytes).toBe(sizeBytes);
    const target = await rig.target(name, never);
    expect(await fetch(target)).toMatchObject({
      rung: sizeBytes === 0 ? "md5-etag" : "part-sha256",
      movedTwiceBytes: 0,
    });
    expect(readFileSync(target.path).equals(bytes)).toBe(true);
    expect(readdirSync(dirname(target.path)).filter((file) => file.endsWith(".part"))).toEqual([]);
    expect(openPaths()).not.toContain(target.path);
  });
});

describe("an item that is stopped", () => {
  it("goes on where it was stopped, up and down", async () => {
    const bytes = randomBytes(60 * MiB);
    const item = { ...(await rig.source("stopped", bytes)), partSizeBytes: 5 * MiB };
    await expect(send(item, stopAfter(20 * MiB))).rejects.toMatchObject({ name: "AbortError" });
    const heldBytes = rig.sent.length * 5 * MiB;
    Object.assign(rig, { doneBytes: 0, keptBytes: 0, onDone: () => undefined });
    await send({ ...item, resume: rig.sendResume, sent: [...rig.sent] });
    expect([rig.keptBytes, rig.doneBytes]).toEqual([heldBytes, bytes.length]);

    rig.doneBytes = 0;
    const target = await rig.target("stopped", never);
    await expect(fetch(target, stopAfter(20 * MiB))).rejects.toMatchObject({ name: "AbortError" });
    Object.assign(rig, { doneBytes: 0, keptBytes: 0, onDone: () => undefined });
    const receipt = await fetch({ ...target, resume: rig.fetchResume });
    expect(rig.keptBytes).toBeGreaterThanOrEqual(20 * MiB);
    expect(rig.doneBytes).toBe(bytes.length);
    expect(receipt.rung).toBe("part-sha256");
    expect(readFileSync(target.path).equals(bytes)).toBe(true);
  });

  it("leaves nothing at the store when it is given up", async () => {
    const item = {
      ...(await rig.source("given-up", randomBytes(30 * MiB))),
      partSizeBytes: 5 * MiB,
    };
    await expect(send(item, stopAfter(10 * MiB))).rejects.toMatchObject({ name: "AbortError" });
    if (rig.sendResume === null) throw new Error("nothing journaled");
    await abandonSend(item.key, rig.sendResume, rig.tools, never);
    expect(await rig.store.findUploads(item.key, never)).toEqual([]);
    await expect(send({ ...item, resume: rig.sendResume })).rejects.toMatchObject({
      code: "upload-gone",
    });
  });

  it("does not write over another object, nor over a file", async () => {
    const item = await rig.source("taken", randomBytes(100));
    await send(item);
    await expect(send(item)).rejects.toMatchObject({ code: "conflict" });
    const target = await rig.target("taken", never);
    await fetch(target);
    await expect(fetch(target)).rejects.toMatchObject({ code: "conflict" });
  });
});
