import { expect, it } from "vitest";
import { Settings } from "#shared/settings.ts";
import type { CallHandlers } from "#shared/contract.ts";
import { defaultSettings } from "#main/profiles/settings-book.ts";
import { openProgram } from "../program-rig.ts";

/** A program over settings that are kept, at a moment in limited hours. */
function open() {
  let settings: Settings = defaultSettings("/home/ada");
  const handlers: Partial<CallHandlers> = {
    "settings.get": async () => settings,
    "settings.set": async (change) => {
      settings = Settings.parse({ ...settings, ...change });
      return null;
    },
    "limit.now": async () => {
      const isOn = settings.week !== null;
      return {
        mode: isOn ? "limited" : "full",
        limits: settings.limits,
        untilMs: isOn ? new Date().setHours(23, 59, 0, 0) : null,
        next: isOn ? "full" : null,
        isOverride: false,
      };
    },
  };
  return openProgram("/work", handlers);
}

it("keeps a schedule, shows what holds now, and takes it away", async () => {
  const rig = open();
  expect(await rig.run("limit", "schedule", "Mon-Fri 08:00,40Mbit 18:00,off")).toBe(0);
  expect(await rig.run("limit", "schedule", "show", "--json")).toBe(0);
  expect(await rig.run("limit", "show")).toBe(0);
  expect(await rig.run("limit", "schedule", "off")).toBe(0);
  const now = "Now limited to 5 MB/s (40 Mbit/s) until 23:59, then full speed.";
  const [text, sentence, json, ...rest] = rig.terminal.outLines;
  expect([text, sentence]).toEqual(["Mon-Fri 08:00,40Mbit 18:00,off", now]);
  expect(JSON.parse(json ?? "")).toMatchObject({
    type: "schedule",
    downBytesPerSecond: 5_000_000,
    schedule: "Mon-Fri 08:00,40Mbit 18:00,off",
    mode: "limited",
    next: "full",
  });
  expect(rest).toEqual([
    "down 5 MB/s (40 Mbit/s), up 5 MB/s (40 Mbit/s)",
    now,
    "no schedule",
    "Now at full speed.",
  ]);
});

it("refuses a schedule that cannot be read with the word and what to write", async () => {
  const rig = open();
  expect(await rig.run("limit", "schedule", "Mon-Fri 08:00,40")).toBe(2);
  expect(rig.terminal.errLines.join(" ")).toContain('"08:00,40": "40" needs a unit');
});
