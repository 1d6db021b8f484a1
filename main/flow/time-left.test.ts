import { describe, expect, it } from "vitest";
import type { Pace } from "#shared/settings.ts";
import type { PaceMode, Week } from "#shared/week.ts";
import { modeAt, nextChange } from "#shared/week.ts";
import { parseWeek } from "#shared/week-text.ts";
import { comingSpans, secondsOverSpans } from "./time-left.ts";

const BERLIN = "Europe/Berlin";
const HOUR = 3600;
const MB = 1_000_000;

function paceOf(week: Week, wallMs: number, mode: PaceMode = modeAt(week, wallMs, BERLIN)): Pace {
  const next = nextChange(week, wallMs, BERLIN);
  const limits = { downBytesPerSecond: null, upBytesPerSecond: null };
  const isOverride = mode !== modeAt(week, wallMs, BERLIN);
  return { mode, limits, untilMs: next?.atMs ?? null, next: next?.mode ?? null, isOverride };
}

/** Hours until `gigabytes` are moved at 10 MB/s, from a local time of Berlin on. */
function hours(text: string, iso: string, gigabytes: number, given: { mode?: PaceMode } = {}) {
  const week = parseWeek(text).week;
  const wallMs = Date.parse(iso);
  const seconds = secondsOverSpans({
    leftBytes: gigabytes * 1000 * MB,
    bytesPerSecond: 10 * MB,
    limitedBytesPerSecond: () => 5 * MB,
    spans: comingSpans(paceOf(week, wallMs, given.mode), week, BERLIN),
    wallMs,
  });
  return seconds === null ? null : Number((seconds / HOUR).toFixed(3));
}

/** 36 GB are an hour at 10 MB/s. */
const HOUR_GB = 36;
const NIGHT = "22:00,pause 06:00,off";

describe("time left over the week", () => {
  it("is what the rate says where nothing changes meanwhile", () => {
    expect(hours(NIGHT, "2027-01-04T12:00+01:00", 2 * HOUR_GB)).toBe(2);
  });

  it("waits out a paused night", () => {
    expect(hours(NIGHT, "2027-01-04T21:00+01:00", 3 * HOUR_GB)).toBe(1 + 8 + 2);
  });

  it("waits out as many nights as it takes, and goes on so beyond what is looked at", () => {
    expect(hours(NIGHT, "2027-01-04T06:00+01:00", 40 * HOUR_GB)).toBe(24 + 24 + 8);
    const months = hours(NIGHT, "2027-01-04T06:00+01:00", 16 * 200 * HOUR_GB) ?? 0;
    expect(months / 24).toBeGreaterThan(197);
    expect(months / 24).toBeLessThan(203);
  });

  it("counts a night an hour shorter when the clock is put forward in it, and longer when back", () => {
    expect(hours(NIGHT, "2027-03-27T21:00+01:00", 2 * HOUR_GB)).toBe(1 + 7 + 1);
    expect(hours(NIGHT, "2027-10-30T21:00+02:00", 2 * HOUR_GB)).toBe(1 + 9 + 1);
  });

  it("slows down for limited hours, and promises no more than now afterwards", () => {
    const office = "08:00,40Mbit 18:00,off";
    expect(hours(office, "2027-01-04T07:00+01:00", 2 * HOUR_GB)).toBe(3);
    expect(hours(office, "2027-01-04T17:00+01:00", 2 * HOUR_GB)).toBe(2);
  });

  it("counts what was started in paused hours as it moves, until the week changes", () => {
    expect(hours(NIGHT, "2027-01-04T23:00+01:00", 2 * HOUR_GB)).toBe(2);
    expect(hours(NIGHT, "2027-01-04T21:30+01:00", HOUR_GB, { mode: "full" })).toBe(9);
  });

  it("never ends where what is left is all paused", () => {
    const spans = [
      { mode: "full", endMs: 1000 },
      { mode: "paused", endMs: null },
    ] as const;
    const course = { bytesPerSecond: 10, limitedBytesPerSecond: () => 1, spans, wallMs: 0 };
    expect(secondsOverSpans({ ...course, leftBytes: 10 })).toBe(1);
    expect(secondsOverSpans({ ...course, leftBytes: 11 })).toBeNull();
  });
});
