import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import type { Pace } from "#shared/settings.ts";
import type { PaceMode } from "#shared/week.ts";
import type { TransferId } from "#shared/transfer.ts";
import { SpaceLedger } from "../disk/free-space.ts";
import type { EngineHost } from "../engine-host.ts";
import { ONE_SHOT_PATIENCE } from "../flow/patience.ts";
import { FakeStore } from "../parts/fake-store.ts";
import { FakeWire } from "../parts/fake-wire.ts";
import { aProfile } from "../profiles/fakes.ts";
import { anUploadSpec } from "../transfers/fixtures.ts";
import { openJournalHere } from "../transfers/journal-open.ts";
import { settleDown } from "../transfers/run-rig.ts";
import { aHost, aHostInfo, ManualClock } from "./calls-rig.ts";
import { openSetup } from "./setup.ts";
import { openTransfers } from "./transfers.ts";

const lab = ProfileId.parse("lab");

let home: string;
let source: string;
let closing: AbortController;
let logged: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-transfers-"));
  mkdirSync(join(home, "incoming"));
  source = join(home, "a.bin");
  writeFileSync(source, "bytes");
  closing = new AbortController();
  logged = [];
});

afterEach(() => {
  closing.abort();
  rmSync(home, { recursive: true, force: true });
});

/** The queue over a journal in memory; no profile has keys, so nothing gets as far as a server. */
function open(given: Partial<EngineHost> = {}, isReadOnly = false) {
  const clock = new ManualClock();
  const info = aHostInfo({ home });
  const log = (_level: string, text: string): void => void logged.push(text);
  const host = aHost({ info, clock, patience: ONE_SHOT_PATIENCE, log, ...given });
  const wire = new FakeWire(new FakeStore());
  const setup = openSetup(host, { wire, emit: () => undefined });
  setup.profiles.saveFirst(aProfile());
  const journal = openJournalHere(clock);
  const space = new SpaceLedger();
  const published: TransferId[] = [];
  const limits = { downBytesPerSecond: null, upBytesPerSecond: null };
  let pace: Pace = { mode: "full", limits, untilMs: null, next: null, isOverride: false };
  const transfers = openTransfers({
    host,
    journal,
    wire,
    space,
    setup,
    pace: { now: () => pace, spans: () => [{ mode: pace.mode, endMs: null }] },
    ownFolders: () => [],
    isReadOnly,
    isJournalLost: false,
    signal: closing.signal,
    publish: (id) => void published.push(id),
  });
  const setMode = (mode: PaceMode) => {
    pace = { ...pace, mode };
    transfers.followPace();
  };
  return { ...transfers, setup, journal, published, setMode };
}

async function start({ desk }: ReturnType<typeof open>, prefix = ""): Promise<TransferId> {
  const destination = { profileId: lab, bucket: "models", prefix };
  return (await desk.start(anUploadSpec({ sources: [source], destination }))).id;
}

describe("a profile", () => {
  it("is in use while a transfer of it is not over, paused ones included", async () => {
    const queue = open({ runs: "own" }, true);
    expect(queue.isInUse(lab)).toBe(false);
    const id = await start(queue);
    expect([queue.isInUse(lab), queue.isInUse(ProfileId.parse("other"))]).toEqual([true, false]);
    await queue.desk.pause(id);
    expect(queue.isInUse(lab)).toBe(true);
    await queue.desk.cancel(id, true);
    expect(queue.isInUse(lab)).toBe(false);
  });

  it("that is missing its secret pauses the transfer, which says so", async () => {
    const queue = open();
    const id = await start(queue);
    await settleDown();
    await expect.poll(() => queue.book.get(id).state.phase).toBe("paused");
    expect(queue.book.get(id).state).toMatchObject({ cause: "credentials" });
    expect(logged).toEqual([]);
  });
});

describe("the view of a transfer", () => {
  it("names the profile as it is called now, and by its id once it is gone", async () => {
    const queue = open({}, true);
    const id = await start(queue);
    const nameOf = (): unknown => {
      const { to } = queue.view(queue.book.get(id));
      return to.kind === "s3" && to.profileName;
    };
    expect(nameOf()).toBe("Lab");
    await queue.setup.profiles.save(aProfile({ name: "Basement" }), null);
    expect(nameOf()).toBe("Basement");
    await queue.setup.profiles.remove(lab);
    expect(nameOf()).toBe("lab");
  });

  it("is published with every change", async () => {
    const queue = open({}, true);
    const id = await start(queue);
    await queue.desk.pause(id);
    expect(queue.published).toEqual([id, id]);
  });
});

describe("what this process may run", () => {
  const phaseAfterStart = async (queue: ReturnType<typeof open>): Promise<string> => {
    const id = await start(queue);
    await settleDown();
    return queue.book.get(id).state.phase;
  };

  it("is nothing over a journal that can only be read", async () => {
    expect(await phaseAfterStart(open({}, true))).toBe("queued");
  });

  it("is what it started itself, where one command runs only its own", async () => {
    const queue = open({ runs: "own" });
    const others = await start(queue, "others/");
    await expect.poll(() => queue.book.get(others).state.phase).toBe("paused");
    await queue.book.apply(others, { type: "queued" });
    queue.runner.wake();
    await expect.poll(() => queue.book.get(others).state.phase).toBe("paused");
  });

  it("is not what another process left, where one command runs only its own", async () => {
    const first = open({}, true);
    const id = await start(first);
    const rows = await first.journal.transfers();
    const second = open({ runs: "own" });
    await second.journal.commit(rows.map((row) => ({ type: "transfer-put", row })));
    await second.book.load();
    second.runner.wake();
    await settleDown();
    expect(second.book.get(id).state.phase).toBe("queued");
    await second.desk.resume(id);
    await expect.poll(() => second.book.get(id).state.phase).toBe("paused");
  });
});

describe("what earlier cancels left", () => {
  /** A canceled transfer whose one item has an unfinished upload at the store. */
  async function canceled(queue: ReturnType<typeof open>, isKept: boolean): Promise<TransferId> {
    const id = await start(queue);
    const [found] = await queue.journal.items({ transferId: id, limit: 1 });
    expect(found).toBeUndefined();
    await queue.book.apply(id, { type: "canceled", isKept });
    return id;
  }

  /** It looks at once, and again each minute until the engine closes. */
  async function lookOnce(queue: ReturnType<typeof open>): Promise<void> {
    const looking = queue.discardLeft();
    await settleDown();
    closing.abort();
    await looking;
  }

  it("is looked for without a word when there is nothing", async () => {
    const queue = open({}, true);
    const id = await canceled(queue, false);
    await lookOnce(queue);
    expect([logged, await queue.journal.log(id, 10)]).toEqual([[], []]);
  });

  it("is told in the host's log when it cannot be looked for, and rejects never", async () => {
    const queue = open({}, true);
    await canceled(queue, false);
    queue.journal.items = () => Promise.reject(new LonghaulError("disk-failed", "the disk is bad"));
    await lookOnce(queue);
    expect(logged).toEqual([expect.stringContaining("what a.bin left is not removed")]);
  });

  it("is left alone where somebody meant to keep it", async () => {
    const queue = open({}, true);
    await canceled(queue, true);
    queue.journal.items = () => Promise.reject(new Error("nobody should ask"));
    await lookOnce(queue);
    expect(logged).toEqual([]);
  });
});

it("in paused hours a queued transfer says that the schedule holds it, and its change is told", async () => {
  const queue = open({}, true);
  const id = await start(queue);
  queue.published.length = 0;
  queue.setMode("paused");
  expect(queue.view(queue.book.get(id)).state).toEqual({ phase: "queued", cause: "schedule" });
  queue.setMode("full");
  expect(queue.view(queue.book.get(id)).state).toEqual({ phase: "queued", cause: "limit" });
  expect(queue.published).toEqual([id, id]);
});
