import { afterEach, beforeEach, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { Gate, RunRig } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

const LARGE = variedBytes(6 * MiB);

/** Paused with five of six parts at the store, in three pages of its list. */
async function paused() {
  rig.connections = 1;
  rig.slots.setLimit(1);
  const gate = new Gate();
  rig.store.before = async (call, attempt) => {
    if (call === "part 6" && attempt === 1) await gate.pass();
  };
  const id = await rig.upload({ sources: [rig.file("large.bin", LARGE)] });
  await gate.reached;
  const pausing = rig.desk.pause(id);
  await rig.until(id, ({ state }) => state.phase === "paused");
  gate.open();
  await pausing;
  return id;
}

function sentTwice(): number[] {
  return [1, 2, 3, 4, 5].filter((number) => rig.store.count(`part ${number}`) > 1);
}

it("S26 a list of parts in pages skips none and repeats none", async () => {
  const id = await paused();
  await rig.desk.resume(id);
  await rig.until(id, ({ state }) => state.phase === "done");
  expect(rig.store.count("listParts")).toBeGreaterThanOrEqual(3);
  expect(sentTwice()).toEqual([]);
  expect(rig.store.objects.get("large.bin")?.bytes.equals(LARGE)).toBe(true);
});

it("S26 a part that the list leaves out, or has with another size or ETag, is sent again", async () => {
  const id = await paused();
  const list = rig.store.listParts.bind(rig.store);
  rig.store.listParts = async (upload, cursor) => {
    const page = await list(upload, cursor);
    const parts = page.parts
      .filter(({ number }) => number !== 1)
      .map((part) => (part.number === 2 ? { ...part, sizeBytes: 1 } : part))
      .map((part) => (part.number === 4 ? { ...part, etag: '"stale"' } : part));
    return { ...page, parts: parts.toReversed() };
  };
  await rig.desk.resume(id);
  await rig.until(id, ({ state }) => state.phase === "done");
  expect(sentTwice()).toEqual([1, 2, 4]);
  expect(rig.store.objects.get("large.bin")?.bytes.equals(LARGE)).toBe(true);
});

it("S27 an upload whose id was lost in a crash is found by its key and goes on", async () => {
  const path = rig.file("large.bin", LARGE);
  rig.store.nowMs = rig.clock.wallMs();
  rig.store.after = (call, attempt) => {
    if (call === "open" && attempt === 1) throw new LonghaulError("credentials-wrong", "a crash");
  };
  const id = await rig.upload({ sources: [path] });
  expect((await rig.rest(id)).state.phase).toBe("paused");
  await rig.restart();
  await rig.desk.resume(id);
  await rig.until(id, ({ state }) => state.phase === "done");
  expect(rig.store.count("open")).toBe(1);
  expect(rig.store.uploads.size).toBe(0);
});

it("S27 an upload of the same key that is older than the intent is left alone", async () => {
  const path = rig.file("large.bin", LARGE);
  await rig.store.openUpload("large.bin");
  rig.store.nowMs = rig.clock.wallMs();
  rig.store.before = (call, attempt) => {
    if (call === "open" && attempt === 2) throw new LonghaulError("credentials-wrong", "a crash");
  };
  const id = await rig.upload({ sources: [path] });
  expect((await rig.rest(id)).state.phase).toBe("paused");
  await rig.restart();
  await rig.desk.resume(id);
  await rig.until(id, ({ state }) => state.phase === "done");
  expect([...rig.store.uploads.keys()]).toEqual(["u1"]);
});
