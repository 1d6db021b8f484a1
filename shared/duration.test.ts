import { describe, expect, it } from "vitest";
import { parseDuration } from "./duration.ts";

describe("a time as it is typed", () => {
  it.each([
    ["90s", 90_000],
    ["45min", 2_700_000],
    [" 2 h ", 7_200_000],
    ["1h30min", 5_400_000],
    ["1d 2h", 93_600_000],
  ])("%s is %i ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(["", "45", "45m", "0s", "-1s", "1.5h", "min", "45min or so", "soon"])(
    "refuses %j and says what to write",
    (text) => {
      expect(() => parseDuration(text)).toThrow(/is no time: write 90s, 45min, 2h or 1d/);
    },
  );
});
