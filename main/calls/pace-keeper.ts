import type { Limits, Pace, Settings } from "#shared/settings.ts";
import type { PaceMode } from "#shared/week.ts";
import type { Clock } from "../flow/clock.ts";
import type { Span } from "../flow/time-left.ts";
import type { SettingsBook } from "../profiles/settings-book.ts";
import { LonghaulError } from "#shared/errors.ts";
import { comingSpans } from "../flow/time-left.ts";
import { modeAt, nextChange } from "#shared/week.ts";

/** Clocks are set, machines sleep and zones change without telling: it looks at least this often. */
const LONGEST_SLEEP_MS = 30_000;

const NO_LIMITS: Limits = { downBytesPerSecond: null, upBytesPerSecond: null };

type Ports = {
  readonly settings: SettingsBook;
  readonly clock: Clock;
  /** The machine's time zone, as it is now. */
  readonly zone: () => string;
};

type KnownSpans = {
  readonly pace: Pace;
  readonly week: Settings["week"];
  readonly zone: string;
  readonly list: readonly Span[];
};

/** How fast everything may go now: by the settings, the week and the clock on the wall. */
export class PaceKeeper {
  readonly #ports: Ports;
  readonly #listeners = new Set<(pace: Pace) => void>();
  #pace: Pace;
  #wake = new AbortController();
  #spans: KnownSpans | null = null;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#pace = this.#look();
    ports.settings.onChange(() => {
      this.#follow();
      this.#wake.abort();
    });
  }

  now(): Pace {
    return this.#pace;
  }

  /** What holds now and what comes next. The same list until something changes. */
  spans(): readonly Span[] {
    const { settings, zone } = this.#ports;
    const known = this.#spans;
    const at = { pace: this.#pace, week: settings.get().week, zone: zone() };
    if (known?.pace === at.pace && known.week === at.week && known.zone === at.zone) {
      return known.list;
    }
    const list = comingSpans(at.pace, at.week, at.zone);
    this.#spans = { ...at, list };
    return list;
  }

  onChange(listener: (pace: Pace) => void): void {
    this.#listeners.add(listener);
  }

  /** @throws {LonghaulError} `invalid` where there is no week, or one that never changes. */
  override(mode: PaceMode | null): void {
    const { settings, clock, zone } = this.#ports;
    const { week } = settings.get();
    const next = week && nextChange(week, clock.wallMs(), zone());
    if (mode === null) return settings.set({ paceOverride: null });
    if (!next)
      throw new LonghaulError("invalid", "there is no schedule whose next change could end it");
    settings.set({ paceOverride: { mode, untilMs: next.atMs } });
  }

  /** Follows the clock until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const untilMs = (this.#pace.untilMs ?? Infinity) - clock.wallMs();
      const sleepMs = Math.max(1, Math.min(LONGEST_SLEEP_MS, untilMs));
      const woken = AbortSignal.any([signal, this.#wake.signal]);
      await clock.sleep(sleepMs, woken).catch(() => undefined);
      if (!signal.aborted) this.#follow();
    }
  }

  #follow(): void {
    const pace = this.#look();
    if (JSON.stringify(pace) === JSON.stringify(this.#pace)) return;
    this.#pace = pace;
    for (const listener of this.#listeners) listener(pace);
  }

  #look(): Pace {
    const { settings, clock, zone } = this.#ports;
    return paceAt(settings.get(), clock.wallMs(), zone());
  }
}

function paceAt(settings: Settings, wallMs: number, zone: string): Pace {
  const { limits, week, paceOverride } = settings;
  if (week === null) {
    const isFree = limits.downBytesPerSecond === null && limits.upBytesPerSecond === null;
    const mode = isFree ? "full" : "limited";
    return { mode, limits, untilMs: null, next: null, isOverride: false };
  }
  const next = nextChange(week, wallMs, zone);
  const until = { untilMs: next?.atMs ?? null, next: next?.mode ?? null };
  // It ends with the span that it was made in, also where the clock or the week was set since.
  const isOverride = paceOverride !== null && next !== null && next.atMs === paceOverride.untilMs;
  const mode = isOverride ? paceOverride.mode : modeAt(week, wallMs, zone);
  // What is started all the same in paused hours keeps to the limits.
  return { mode, limits: mode === "full" ? NO_LIMITS : limits, ...until, isOverride };
}
