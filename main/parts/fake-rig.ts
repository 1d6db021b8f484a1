import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteRange } from "../bytes/byte-range.ts";
import { MiB } from "../bytes/sizes.ts";
import { statFile } from "../disk/stat-file.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { ONE_SHOT_PATIENCE, Patience } from "../flow/patience.ts";
import { withRetries } from "../flow/retry.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { FakeStore } from "./fake-store.ts";
import { FakeWire } from "./fake-wire.ts";
import type { FetchItem, MoveObserver, MoveTools, Retry, SendItem } from "./ports.ts";
import type { FetchResume, SendResume, SentPart } from "./resume.ts";

/** One event for each call of an observer: its name and what it was told. */
export type Seen = readonly [name: string, ...told: unknown[]];

/** Everything that moving one item needs, fake but for the files. */
export class FakeRig {
  readonly folder = mkdtempSync(join(tmpdir(), "longhaul-parts-"));
  readonly clock = new FakeClock();
  readonly store = new FakeStore();
  readonly wire = new FakeWire(this.store);
  readonly slots = new Semaphore(4);
  readonly seen: Seen[] = [];
  /** What a crash would leave in the journal. */
  sent: SentPart[] = [];
  sendResume: SendResume | null = null;
  fetchResume: FetchResume | null = null;
  readonly sendSteps: string[] = [];
  readonly controller = new AbortController();
  rangeBytes = 16 * MiB;
  lanes = 4;

  /** @throws when something is still under way, which nothing may be once a move has settled. */
  close(): void {
    const { heldCount, waitingCount } = this.slots;
    const left = {
      heldCount,
      waitingCount,
      underWay: this.underWay(),
      bodies: this.wire.loaded.size,
    };
    if (Object.values(left).some((count) => count !== 0)) throw new Error(JSON.stringify(left));
    rmSync(this.folder, { recursive: true });
  }

  get tools(): MoveTools {
    return {
      store: this.store,
      wire: this.wire,
      slots: this.slots,
      retry: this.#retry(),
      clock: this.clock,
      meter: this.wire.openMeter(),
      observer: this.#observer(),
      lanes: this.lanes,
      rangeBytes: () => this.rangeBytes,
    };
  }

  /** A file of varied bytes. */
  async source(sizeBytes: number, changes: Partial<SendItem> = {}): Promise<SendItem> {
    const path = join(this.folder, "source.bin");
    writeFileSync(path, variedBytes(sizeBytes));
    const { stamp } = await statFile(path);
    return {
      path,
      sizeBytes,
      stamp,
      key: "models/a.bin",
      condition: { kind: "absent" },
      partSizeBytes: null,
      resume: null,
      sent: [],
      ...changes,
    };
  }

  /** The same item as the journal would give it to the next run. */
  resumed(item: SendItem): SendItem {
    return { ...item, resume: this.sendResume, sent: this.sent };
  }

  target(key: string, changes: Partial<FetchItem> = {}): FetchItem {
    const kept = this.store.objects.get(key);
    if (kept === undefined) throw new Error(`no object ${key}`);
    const path = join(this.folder, "out", key);
    return { object: kept.info, root: this.folder, path, replaces: null, resume: null, ...changes };
  }

  readonly sendJournal = {
    saved: async (resume: SendResume): Promise<void> => {
      this.sendSteps.push(resume.step);
      this.sendResume = resume;
      if (resume.step === "intent") this.sent = [];
    },
    stored: async (part: SentPart): Promise<void> => {
      this.sendSteps.push(`part ${part.number}`);
      this.sent = [...this.sent.filter(({ number }) => number !== part.number), part];
    },
  };

  readonly fetchJournal = {
    saved: async (resume: FetchResume): Promise<void> => {
      this.fetchResume = resume;
    },
  };

  /** Stages in order, without repeats. */
  stages(): unknown[] {
    const told = this.seen.filter(([name]) => name === "stage").map(([, stage]) => stage);
    return told.filter((stage, at) => stage !== told[at - 1]);
  }

  /** Requests that began and were never reported to have ended. */
  underWay(): number {
    const ranges = new Set<unknown>();
    for (const [name, range] of this.seen) {
      if (name === "started") ranges.add(range);
      if (name === "settled" && !ranges.delete(range)) return NaN;
    }
    return ranges.size;
  }

  /** Sum of what was reported done, less what was taken back. */
  doneBytes(): number {
    const sum = (name: string): number =>
      this.seen
        .filter((event) => event[0] === name)
        .reduce((bytes, [, range]) => bytes + lengthOfSeen(range), 0);
    return sum("done") - sum("undone");
  }

  keptBytes(): number {
    return this.seen
      .filter(([name, , isKept]) => name === "done" && isKept === true)
      .reduce((bytes, [, range]) => bytes + lengthOfSeen(range), 0);
  }

  twiceBytes(): number {
    return this.seen
      .filter(([name]) => name === "movedTwice")
      .reduce((bytes, [, more]) => bytes + Number(more), 0);
  }

  #retry(): Retry {
    const patience = new Patience(ONE_SHOT_PATIENCE, this.clock);
    const tools = { clock: this.clock, random: () => 0.5, patience };
    return { run: (_part, attempt, signal) => withRetries(attempt, tools, signal) };
  }

  #observer(): MoveObserver {
    const see =
      (name: string) =>
      (...told: unknown[]): void => {
        this.seen.push([name, ...told]);
      };
    return {
      stage: see("stage"),
      started: see("started"),
      settled: see("settled"),
      done: see("done"),
      undone: see("undone"),
      movedTwice: see("movedTwice"),
      verified: see("verified"),
      retrying: see("retrying"),
      retried: see("retried"),
    };
  }
}

function lengthOfSeen(range: unknown): number {
  return isRange(range) ? range.end - range.start : 0;
}

function isRange(told: unknown): told is ByteRange {
  return typeof told === "object" && told !== null && "start" in told && "end" in told;
}

/** Bytes that differ from place to place, the same every time. */
export function variedBytes(sizeBytes: number): Buffer {
  // A prime, so that no part repeats another.
  const pattern = Buffer.from(
    Array.from({ length: 65_521 }, (_, at) => (at * 31 + (at >> 7)) & 0xff),
  );
  return Buffer.alloc(sizeBytes, pattern);
}
