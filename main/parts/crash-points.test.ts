import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";
import { fetchItem } from "./fetch-item.ts";
import type { FetchItem, SendItem } from "./ports.ts";
import { sendItem } from "./send-item.ts";

/** Ends a run as `kill -9` does: from here on nothing it asks for happens, nor is heard of. */
class Crash {
  readonly #at: number;
  #steps = 0;

  /** @param at The step, counted from 1, that does not come to pass; Infinity is a run to the end. */
  constructor(at: number) {
    this.#at = at;
  }

  get steps(): number {
    return this.#steps;
  }

  step(): void {
    this.#steps += 1;
    if (this.#steps >= this.#at) throw new Error("killed");
  }
}

/** Every call to the store and the journal is two steps: before it took effect, and after. */
function plug(rig: FakeRig, crash: Crash): void {
  rig.store.before = () => crash.step();
  rig.store.after = () => crash.step();
  rig.wire.onSync = () => crash.step();
}

const around =
  <T>(crash: Crash, save: (value: T) => Promise<void>) =>
  async (value: T): Promise<void> => {
    crash.step();
    await save(value);
    crash.step();
  };

async function trySend(rig: FakeRig, item: SendItem, crash: Crash): Promise<boolean> {
  plug(rig, crash);
  const { saved, stored } = rig.sendJournal;
  const journal = { saved: around(crash, saved), stored: around(crash, stored) };
  return await sendItem(item, journal, rig.tools, rig.controller.signal).then(
    () => true,
    () => false,
  );
}

async function tryFetch(rig: FakeRig, item: FetchItem, crash: Crash): Promise<boolean> {
  plug(rig, crash);
  const journal = { saved: around(crash, rig.fetchJournal.saved) };
  return await fetchItem(item, journal, rig.tools, rig.controller.signal).then(
    () => true,
    () => false,
  );
}

const NEVER = Infinity;

describe("an upload that is killed at any step", () => {
  const partBytes = MiB;
  const sizeBytes = 2 * MiB + 77;

  async function killedAt(step: number): Promise<{ isDone: boolean; steps: number }> {
    const rig = new FakeRig();
    rig.lanes = 2;
    rig.store.nowMs = rig.clock.wallMs();
    const item = await rig.source(sizeBytes, { partSizeBytes: partBytes });
    const crash = new Crash(step);
    const isDone = await trySend(rig, item, crash);
    if (!isDone) expect(await trySend(rig, rig.resumed(item), new Crash(NEVER))).toBe(true);
    expect(rig.store.objects.get(item.key)?.bytes.equals(readFileSync(item.path))).toBe(true);
    // Nothing is left at the store, nothing was opened twice, no part sent twice but those under way.
    const sentCount = rig.store.calls.filter((call) => call.startsWith("part ")).length;
    expect(sentCount).toBeLessThanOrEqual(3 + rig.lanes);
    expect([rig.store.uploads.size, rig.store.count("open") <= 2]).toEqual([0, true]);
    rig.close();
    return { isDone, steps: crash.steps };
  }

  it("J1 kill -9 at any step of an upload: goes on to one whole object, without a leftover", async () => {
    const { steps } = await killedAt(NEVER);
    expect(steps).toBeGreaterThan(15);
    for (let step = 1; step <= steps; step += 1) await killedAt(step);
  });
});

describe("a download that is killed, or loses its power, at any step", () => {
  const UNIT = 128 * KiB;
  const bytes = variedBytes(10 * UNIT + 77);

  async function killedAt(step: number, isPowerCut: boolean): Promise<{ steps: number }> {
    const rig = new FakeRig();
    Object.assign(rig, { lanes: 2, rangeBytes: UNIT });
    // No digest helps: what is taken for durable must be so.
    Object.assign(rig.store, { isSha256Kept: false, isEtagOpaque: true });
    rig.store.seed("a", bytes, UNIT);
    const item = rig.target("a");
    const crash = new Crash(step);
    // Each range is followed by a flush of its own, so that there are many to be killed in.
    rig.wire.cutAfter = () => {
      rig.clock.advance(1000);
      return undefined;
    };
    const isDone = await tryFetch(rig, item, crash);
    if (!isDone) {
      expect(existsSync(item.path)).toBe(false);
      if (isPowerCut) rig.wire.cutPower();
      const next = { ...item, resume: rig.fetchResume };
      expect(await tryFetch(rig, next, new Crash(NEVER))).toBe(true);
    }
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
    expect(readdirSync(dirname(item.path))).toHaveLength(1);
    rig.close();
    return { steps: crash.steps };
  }

  it.each([
    ["J1 kill -9", false],
    ["J2 power cut", true],
  ])("%s at any step of a download: goes on to the right bytes", async (_, isPowerCut) => {
    const { steps } = await killedAt(NEVER, isPowerCut);
    expect(steps).toBeGreaterThan(15);
    for (let step = 1; step <= steps; step += 1) await killedAt(step, isPowerCut);
  });

  it("leaves one partial file at most, that of the journal", async () => {
    const rig = new FakeRig();
    rig.rangeBytes = UNIT;
    rig.store.seed("a", bytes, UNIT);
    const item = rig.target("a");
    await tryFetch(rig, item, new Crash(9));
    const [only, ...others] = readdirSync(dirname(item.path));
    expect(others).toEqual([]);
    expect(rig.fetchResume?.part.path.endsWith(only ?? "none")).toBe(true);
    rig.close();
  });
});
