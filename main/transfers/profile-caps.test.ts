import { expect, it } from "vitest";
import type { Limits } from "#shared/limits.ts";
import { ProfileId } from "#shared/profile.ts";
import type { Meter } from "../wire/wire.ts";
import { ProfileCaps } from "./profile-caps.ts";

const lab = ProfileId.parse("lab");
const other = ProfileId.parse("other");

function open() {
  const kept = new Map<ProfileId, Limits>();
  const rates: (number | null)[] = [];
  const openMeter = (): Meter => {
    const slot = rates.push(null) - 1;
    return {
      slot,
      group: -1,
      movedBytes: () => 0,
      digestedBytes: () => 0,
      writingCount: () => 0,
      enter: async () => () => undefined,
      setCap: (rate) => void (rates[slot] = rate),
      free: () => undefined,
    };
  };
  const caps = new ProfileCaps({ wire: { openMeter }, limitsOf: (id) => kept.get(id) });
  return { caps, kept, rates };
}

it("is one cap for all transfers of a profile, each way", () => {
  const { caps, kept, rates } = open();
  kept.set(lab, { upBytesPerSecond: 5000, downBytesPerSecond: null });
  const up = caps.of(lab, "upload");
  expect(caps.of(lab, "upload")).toBe(up);
  const down = caps.of(lab, "download");
  expect(down).not.toBe(up);
  expect(caps.of(other, "upload")).not.toBe(up);
  expect([rates[up.slot], rates[down.slot], rates[2]]).toEqual([5000, null, null]);
});

it("follows a profile that is changed, or loses its limits", () => {
  const { caps, kept, rates } = open();
  const { slot } = caps.of(lab, "upload");
  kept.set(lab, { upBytesPerSecond: 7000, downBytesPerSecond: null });
  caps.follow();
  expect(rates[slot]).toBe(7000);
  kept.delete(lab);
  caps.follow();
  expect(rates[slot]).toBeNull();
});
