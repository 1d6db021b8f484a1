import { beforeEach, describe, expect, it } from "vitest";
import type { Pace } from "#shared/settings.ts";
import { parseWeek } from "#shared/week-text.ts";
import type { Clock } from "../flow/clock.ts";
import { MemoryDocument } from "../profiles/fakes.ts";
import { SettingsBook } from "../profiles/settings-book.ts";
import { settle } from "./calls-rig.ts";
import { PaceKeeper } from "./pace-keeper.ts";

const HOUR_MS = 3_600_000;
const NONE = { downBytesPerSecond: null, upBytesPerSecond: null };
const LIMITS = { downBytesPerSecond: 5_000_000, upBytesPerSecond: 5_000_000 };

/** A clock on the wall that can be set, and sleepers that are woken by hand. */
class WallClock implements Clock {
  wall: number;
  readonly sleptMs: number[] = [];
  #wake: () => void = () => undefined;

  constructor(wall: number) {
    this.wall = wall;
  }

  nowMs(): number {
    return this.wall;
  }

  wallMs(): number {
    return this.wall;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.sleptMs.push(ms);
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  async wake(): Promise<void> {
    this.#wake();
    await settle();
  }
}

let clock: WallClock;
let zone: string;
let settings: SettingsBook;
let keeper: PaceKeeper;
let told: Pace["mode"][];

/** Monday 4 January 2027, in Berlin. */
const monday = (hour: number) => Date.UTC(2027, 0, 4) + (hour - 1) * HOUR_MS;

function open(text: string | null, wallMs: number): void {
  clock = new WallClock(wallMs);
  zone = "Europe/Berlin";
  settings = new SettingsBook(new MemoryDocument(), "/home/ada");
  if (text !== null) setWeek(text);
  keeper = new PaceKeeper({ settings, clock, zone: () => zone });
  told = [];
  keeper.onChange(({ mode }) => told.push(mode));
}

function setWeek(text: string): void {
  const { week, limits } = parseWeek(text);
  settings.set({ week: [...week], ...(limits && { limits }) });
}

async function running(follow: () => Promise<void>): Promise<void> {
  const closing = new AbortController();
  const ended = keeper.run(closing.signal);
  await follow();
  closing.abort();
  await ended;
}

describe("without a week", () => {
  beforeEach(() => open(null, monday(9)));

  it("the limits hold at all times", () => {
    expect(keeper.now()).toEqual({
      mode: "full",
      limits: NONE,
      untilMs: null,
      next: null,
      isOverride: false,
    });
    settings.set({ limits: LIMITS });
    expect(keeper.now()).toMatchObject({ mode: "limited", limits: LIMITS });
    expect(told).toEqual(["limited"]);
  });

  it("nothing could end an override", () => {
    expect(() => keeper.override("full")).toThrow(/no schedule/);
  });
});

describe("with a week", () => {
  beforeEach(() => open("Mon-Fri 08:00,40Mbit 18:00,off; Mon 22:00,pause 23:00,off", monday(9)));

  it("the limits hold in its limited hours, until the next change", () => {
    expect(keeper.now()).toEqual({
      mode: "limited",
      limits: LIMITS,
      untilMs: monday(18),
      next: "full",
      isOverride: false,
    });
  });

  it("it follows the clock from change to change, and looks at least every 30 s", async () => {
    await running(async () => {
      expect(clock.sleptMs).toEqual([30_000]);
      clock.wall = monday(18) - 2_000;
      await clock.wake();
      expect(clock.sleptMs.at(-1)).toBe(2_000);
      clock.wall = monday(18);
      await clock.wake();
      expect(keeper.now()).toMatchObject({ mode: "full", limits: NONE, untilMs: monday(22) });
      clock.wall = monday(22);
      await clock.wake();
      expect(keeper.now()).toMatchObject({ mode: "paused", next: "full" });
    });
    expect(told).toEqual(["full", "paused"]);
  });
});

describe("while it follows the clock", () => {
  beforeEach(() => open("Mon-Fri 08:00,40Mbit 18:00,off; Mon 22:00,pause 23:00,off", monday(9)));

  it("J8 a clock that is set, and a machine that slept, are met by the next look", async () => {
    await running(async () => {
      clock.wall = monday(22.5);
      await clock.wake();
      expect(keeper.now().mode).toBe("paused");
      clock.wall = monday(7);
      await clock.wake();
      expect(keeper.now()).toMatchObject({ mode: "full", untilMs: monday(8) });
    });
  });

  it("another time zone holds from the next look on", async () => {
    await running(async () => {
      zone = "America/New_York";
      await clock.wake();
      expect(keeper.now()).toMatchObject({ mode: "full", untilMs: monday(14) });
    });
  });

  it("a changed week holds at once, and the clock is followed by it", async () => {
    await running(async () => {
      setWeek("Mon 08:00,pause 10:00,off");
      expect(keeper.now()).toMatchObject({ mode: "paused", untilMs: monday(10) });
      await settle();
      clock.wall = monday(10);
      await clock.wake();
      expect(keeper.now().mode).toBe("full");
    });
    expect(told).toEqual(["paused", "full"]);
  });
});

describe("an override", () => {
  beforeEach(() => open("Mon-Fri 08:00,40Mbit 18:00,off", monday(9)));

  it("holds until the week's next change, and then the week again", async () => {
    keeper.override("full");
    expect(keeper.now()).toMatchObject({ mode: "full", isOverride: true, untilMs: monday(18) });
    await running(async () => {
      clock.wall = monday(18);
      await clock.wake();
      expect(keeper.now()).toMatchObject({ mode: "full", isOverride: false, limits: NONE });
      clock.wall = monday(24 + 9);
      await clock.wake();
      expect(keeper.now()).toMatchObject({ mode: "limited", isOverride: false });
    });
  });

  it("is taken back by null, and ends where the week is another one", () => {
    keeper.override("paused");
    expect(keeper.now().mode).toBe("paused");
    keeper.override(null);
    expect(keeper.now().mode).toBe("limited");
    keeper.override("paused");
    setWeek("Mon-Fri 08:00,40Mbit 12:00,off");
    expect(keeper.now()).toMatchObject({ mode: "limited", isOverride: false });
  });
});

it("lists the coming hours once, until the week, the zone or what holds changes", () => {
  open("Mon-Fri 08:00,limited 18:00,off", monday(7));
  const spans = keeper.spans();
  expect(spans.slice(0, 2)).toEqual([
    { mode: "full", endMs: monday(8) },
    { mode: "limited", endMs: monday(18) },
  ]);
  expect(keeper.spans()).toBe(spans);
  zone = "UTC";
  expect(keeper.spans()).not.toBe(spans);
  setWeek("08:00,pause 09:00,off");
  expect(keeper.spans()[1]?.mode).toBe("paused");
});
