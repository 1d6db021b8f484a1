import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMode, formatMtime, parseMode, parseMtime } from "./file-metadata.ts";

describe("a file's time as metadata", () => {
  it.each([
    [1_700_000_000_250_000_000n, "1700000000.25"],
    [1_700_000_000_000_000_000n, "1700000000"],
    [1n, "0.000000001"],
    [0n, "0"],
    [-1_500_000_000n, "-1.5"],
  ])("of %s ns is %s, as rclone writes it", (ns, text) => {
    expect(formatMtime(ns)).toBe(text);
  });

  it("comes back to the nanosecond", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 4n * 10n ** 18n }), (ns) => {
        expect(parseMtime(formatMtime(ns))).toBe(ns);
      }),
    );
  });

  it.each([undefined, "", "yesterday", "1e9", "1.", "99999999999999", "2026-11-27T10:00:00Z"])(
    "is not guessed from %s",
    (text) => expect(parseMtime(text)).toBeNull(),
  );
});

describe("a file's permissions as metadata", () => {
  it("are octal, and never run as somebody else", () => {
    expect(formatMode(0o100_750)).toBe("100750");
    expect(parseMode("100750")).toBe(0o750);
    expect(parseMode("104755")).toBe(0o755);
    expect(parseMode("644")).toBe(0o644);
  });

  it.each([undefined, "", "33188", "rwxr-xr-x"])("are not guessed from %s", (text) =>
    expect(parseMode(text)).toBeNull(),
  );
});
