import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAbort, LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { createDiscard } from "./discard-items.ts";
import { Leftovers } from "./leftovers.ts";
import { Gate, LARGE, nth, RunRig, settleDown } from "./run-rig.ts";
import { isListed } from "./transfer-state.ts";
import { findUnfinished } from "./unfinished.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

async function unfinished() {
  const found = await Promise.all(rig.book.list().map((one) => findUnfinished(rig.journal, one)));
  return found.filter((one) => one !== null);
}

/** As an engine does it, with a rest that ends when the test says so. */
function keepDiscarding(canAsk = () => true) {
  const rest = new Gate();
  const clock = {
    nowMs: () => rig.clock.nowMs(),
    wallMs: () => rig.clock.wallMs(),
    sleep: async (_ms: number, signal: AbortSignal) =>
      await Promise.race([rest.pass(), once(signal, "abort").then(() => undefined)]),
  };
  const { signal } = rig.closing;
  const discard = createDiscard(rig.ports, signal);
  const ports = { book: rig.book, discard, canAsk, clock };
  const onTrouble = (_name: string, error: unknown) => void rig.bugs.push(error);
  const running = new Leftovers({ ...ports, onTrouble }).run(signal);
  const wake = () => {
    clock.sleep = async (_ms, until) => void (await once(until, "abort"));
    rest.open();
  };
  return { running, wake };
}

describe("J13 a crash during a cancel", () => {
  it("J13 before the store was asked leaves nothing at the store after the next start", async () => {
    const { id, go } = await rig.halfWay();
    // The engine ends while it waits for the store: nothing of the cancel but its intent is there.
    const stuck = new Gate();
    rig.store.before = async (call) => {
      if (call === "abort") await stuck.pass();
      if (call === "abort") throw new DOMException("ended", "AbortError");
    };
    const canceling = rig.canceled(id, go, false).catch((error: unknown) => {
      if (!isAbort(error)) throw error;
    });
    await stuck.reached;
    rig.closing.abort();
    stuck.open();
    await canceling;
    expect(rig.store.uploads.size).toBe(1);
    rig.store.before = () => undefined;
    rig.closing = new AbortController();
    await rig.restart();
    const { running } = keepDiscarding();
    await settleDown();
    expect(rig.store.uploads.size).toBe(0);
    expect(await unfinished()).toEqual([]);
    rig.closing.abort();
    await running;
  });

  it("J13 after the store let go, before the journal knew, is the same again", async () => {
    const { id, go } = await rig.halfWay();
    await rig.canceled(id, go, true);
    await rig.desk.cancel(id, false);
    const row = nth(await rig.items(id), 0);
    const resume = { send: { step: "opened", uploadId: "u1", ...PLAN }, ...NOTHING };
    await rig.journal.commit([{ type: "item-changed", transferId: id, index: row.index, resume }]);
    await rig.restart();
    await rig.leftovers.discard(rig.book.get(id));
    expect(await unfinished()).toEqual([]);
  });
});

const PLAN = { partSizeBytes: MiB, sizeBytes: 4 * MiB, intentAtMs: 0 };
const NOTHING = { answer: null, otherName: null, fetch: null, arrivedBytes: 0 };

it("S29 cancel of a single PUT while the store is away: that it was too late is said when it is back", async () => {
  const path = rig.file("small.bin", "small");
  const gate = new Gate();
  rig.store.before = async (call) => {
    if (call.startsWith("put")) await gate.pass();
    if (call.startsWith("stat")) throw new LonghaulError("unreachable", "not now");
  };
  const id = await rig.upload({ sources: [path] });
  await gate.reached;
  await rig.canceled(id, () => gate.open(), false);
  const { running, wake } = keepDiscarding();
  await settleDown();
  const tooLate = expect.stringContaining("too late to cancel small.bin");
  expect(await rig.log(id)).not.toContainEqual(tooLate);
  rig.store.before = () => undefined;
  wake();
  await settleDown();
  expect(await rig.log(id)).toContainEqual(tooLate);
  rig.closing.abort();
  await running;
});

/** An upload whose store was asked to open it, and does not answer until it is canceled. */
async function opening() {
  const stuck = new Gate();
  rig.store.before = async (call) => {
    if (call === "open") await stuck.pass();
    if (call === "open") throw new DOMException("ended", "AbortError");
  };
  const id = await rig.upload({ sources: [rig.file("large.bin", LARGE)], partSizeBytes: MiB });
  await stuck.reached;
  return { id, stuck };
}

it("S27 an upload that appears only after its cancel is found a minute later, and removed", async () => {
  const { id, stuck } = await opening();
  await rig.canceled(id, () => stuck.open(), false);
  rig.store.before = () => undefined;
  // The store was asked, and takes its time.
  rig.store.nowMs = rig.clock.wallMs();
  await rig.store.openUpload("large.bin");
  rig.clock.advance(61_000);
  const { running } = keepDiscarding();
  await settleDown();
  expect(rig.store.uploads.size).toBe(0);
  rig.closing.abort();
  await running;
});

it("S27 an upload that was asked for long ago may still appear after a cancel of now", async () => {
  const { id, stuck } = await opening();
  rig.store.nowMs = rig.clock.wallMs();
  rig.clock.advance(10 * 60_000);
  await rig.canceled(id, () => stuck.open(), false);
  const [row] = await rig.items(id);
  expect(row?.resume).not.toBeNull();
  rig.clock.advance(61_000);
  await rig.leftovers.discard(rig.book.get(id));
  expect((await rig.items(id))[0]?.resume).toBeNull();
});

it("S28 what a store that is away still holds is removed when it is back, without a restart", async () => {
  const { id, go } = await rig.halfWay();
  rig.store.before = (call) => {
    if (call === "abort") throw new LonghaulError("access-denied", "not now");
  };
  await rig.canceled(id, go, false);
  const { running, wake } = keepDiscarding();
  await settleDown();
  expect(await unfinished()).toMatchObject([{ id, phase: "canceled", isRemoving: true }]);
  rig.store.before = () => undefined;
  wake();
  await settleDown();
  expect(rig.store.uploads.size).toBe(0);
  expect(await unfinished()).toEqual([]);
  rig.closing.abort();
  await running;
});

describe("what is unfinished", () => {
  it("names the key, the upload, its age and what the store holds", async () => {
    const { id, go } = await rig.halfWay();
    await rig.canceled(id, go, true);
    expect(await unfinished()).toEqual([
      {
        id,
        direction: "upload",
        name: "large.bin",
        phase: "canceled",
        isRemoving: false,
        createdAtMs: rig.clock.wallMs(),
        pieceCount: 1,
        pieces: [
          {
            kind: "upload",
            profileId: "lab",
            bucket: "models",
            key: "large.bin",
            uploadId: "u1",
            startedAtMs: rig.clock.wallMs(),
            expiresAtMs: null,
            heldBytes: 2 * MiB,
            sizeBytes: 4 * MiB,
          },
        ],
      },
    ]);
  });

  it("can be resumed, which makes it a transfer again that sends only what is missing", async () => {
    const { id, go } = await rig.halfWay();
    await rig.canceled(id, go, true);
    await rig.desk.clear(id);
    expect(isListed(rig.book.get(id).state)).toBe(false);
    await rig.restart();
    expect(await unfinished()).toMatchObject([{ id }]);
    await rig.desk.resume(id);
    const done = await rig.until(id, ({ state }) => state.phase === "done");
    expect(isListed(done.state)).toBe(true);
    expect(rig.store.count("part 1")).toBe(1);
    expect(rig.store.objects.get("large.bin")?.bytes.equals(LARGE)).toBe(true);
    expect(await unfinished()).toEqual([]);
  });

  it("can be removed by canceling it again, and is then forgotten when it is off the list", async () => {
    const { id, go } = await rig.halfWay();
    await rig.canceled(id, go, true);
    await rig.desk.clear(id);
    await rig.desk.cancel(id, false);
    expect(rig.store.uploads.size).toBe(0);
    expect(rig.book.find(id)).toBeUndefined();
  });
});

describe("what is no longer unfinished", () => {
  it("is forgotten at once when nothing of it is left", async () => {
    const { id, go } = await rig.halfWay();
    await rig.canceled(id, go, false);
    await rig.desk.clear(id);
    expect(rig.book.find(id)).toBeUndefined();
  });

  it("leaves out what runs, and what is done", async () => {
    const { id, go } = await rig.halfWay();
    expect(await unfinished()).toEqual([]);
    go();
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(await unfinished()).toEqual([]);
  });

  it("names partial files of downloads", async () => {
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
    await rig.canceled(id, () => gate.open(), true);
    const [one] = await unfinished();
    expect(one).toMatchObject({ id, direction: "download", pieceCount: 1 });
    expect(one?.pieces[0]).toMatchObject({ kind: "file", sizeBytes: 4 * MiB });
  });
});

it("leaves alone what only another command could ask the store about, without a word in its log", async () => {
  const { id, go } = await rig.halfWay();
  rig.store.before = (call) => {
    if (call === "abort") throw new LonghaulError("unreachable", "no line");
  };
  await rig.canceled(id, go, false);
  rig.store.before = () => undefined;
  const said = (await rig.log(id)).length;
  let asked = 0;
  const { running } = keepDiscarding(() => (asked += 1) < 0);
  await settleDown();
  expect([asked, rig.store.uploads.size, (await rig.log(id)).length]).toEqual([1, 1, said]);
  rig.closing.abort();
  await running;
});

it("S10 what is unfinished says when the provider will abort it, or the store said that it would", async () => {
  const { id, go } = await rig.halfWay();
  await rig.canceled(id, go, true);
  const record = rig.book.get(id);
  const ends = async (preset: "r2" | "aws") => {
    const found = await findUnfinished(rig.journal, record, () => preset);
    return found?.pieces.map((piece) => piece.kind === "upload" && piece.expiresAtMs);
  };
  expect(await ends("r2")).toEqual([rig.clock.wallMs() + 7 * 24 * 3_600_000]);
  expect(await ends("aws")).toEqual([null]);
  const { index } = nth(await rig.items(id), 0);
  const send = { step: "opened", uploadId: "u1", expiresAtMs: 77, ...PLAN };
  const resume = { send, ...NOTHING };
  await rig.journal.commit([{ type: "item-changed", transferId: id, index, resume }]);
  expect(await ends("r2")).toEqual([77]);
});
