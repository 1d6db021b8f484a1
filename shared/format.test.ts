import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LonghaulError } from "./errors.ts";
import {
  formatBytes,
  formatDuration,
  formatRate,
  formatTimeLeft,
  parseRate,
  parseSize,
} from "./format.ts";

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1, "1 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [1536, "1.5 kB"],
    [19_600_000_000, "19.6 GB"],
    [99_940_000, "99.9 MB"],
    [99_960_000, "100 MB"],
    [96_012_345, "96.0 MB"],
    [141_100_000_000, "141 GB"],
    [999_400_000, "999 MB"],
    [999_960_000, "1.0 GB"],
    [40_000_000, "40 MB"],
    [1_050_000_000_000, "1.1 TB"],
    [5e18, "5000 PB"],
  ])("%i in decimal units is %s", (bytes, text) => {
    expect(formatBytes(bytes, "decimal")).toBe(text);
  });

  it.each([
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [16 * 1024 * 1024, "16 MiB"],
    [1_000_000_000, "954 MiB"],
    [1024 ** 3 - 1, "1.0 GiB"],
    [1.5 * 1024 ** 4, "1.5 TiB"],
  ])("%i in binary units is %s", (bytes, text) => {
    expect(formatBytes(bytes, "binary")).toBe(text);
  });

  it("never shows four digits or more before the point, up to petabytes", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 53 - 1 }), (bytes) => {
        expect(formatBytes(bytes, "decimal")).toMatch(/^\d{1,3}(\.\d)? [kMGTP]?B$/);
      }),
    );
  });
});

describe("formatRate", () => {
  it.each([
    [95_800_000, "bytes", "decimal", "95.8 MB/s"],
    [40_000_000, "bits", "decimal", "320 Mbit/s"],
    [40_000_000, "bits", "binary", "320 Mbit/s"],
    [16 * 1024 * 1024, "bytes", "binary", "16 MiB/s"],
    [0.4, "bytes", "decimal", "0 B/s"],
    [0, "bits", "decimal", "0 bit/s"],
    [1_250_000_000, "bits", "decimal", "10 Gbit/s"],
  ] as const)("%f in %s, %s", (...[bytesPerSecond, rateUnits, sizeUnits, text]) => {
    expect(formatRate(bytesPerSecond, rateUnits, sizeUnits)).toBe(text);
  });
});

describe("formatDuration", () => {
  it.each([
    [-1, "0 s"],
    [0.04, "0 s"],
    [0.44, "0.4 s"],
    [3, "3 s"],
    [12.4, "12 s"],
    [59.7, "1 min"],
    [138, "2 min 18 s"],
    [3600, "1 h"],
    [6_600, "1 h 50 min"],
    [183_600, "2 d 3 h"],
  ])("%f s took %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe("formatTimeLeft", () => {
  it.each([
    [0, "less than a minute left"],
    [59, "less than a minute left"],
    [60, "1 min left"],
    [250, "4 min left"],
    [3_590, "1 h left"],
    [6_600, "1 h 50 min left"],
    [35 * 3600, "35 h left"],
    [50 * 3600, "about 2 days left"],
  ])("%i s: %s", (seconds, text) => expect(formatTimeLeft(seconds)).toBe(text));
});

describe("parseRate", () => {
  it.each([
    ["10MB", 10_000_000],
    ["10 MB/s", 10_000_000],
    [" 10MB ", 10_000_000],
    ["40Mbit", 5_000_000],
    ["40 mbit/s", 5_000_000],
    ["1.5Gbit", 187_500_000],
    ["8192bit", 1024],
    ["2MiB/s", 2_097_152],
    ["500kB", 500_000],
    ["500KB", 500_000],
    ["1024B", 1024],
  ])("%s is %i bytes a second", (text, bytesPerSecond) => {
    expect(parseRate(text)).toBe(bytesPerSecond);
  });

  it.each([
    ["10", '"10" needs a unit: 10MB or 80Mbit'],
    ["10M", '"10M" may mean bits or bytes: write 10MB or 80Mbit'],
    ["10m", '"10m" may mean bits or bytes: write 10MB or 80Mbit'],
    ["10Mb", '"10Mb" may mean bits or bytes: write 10MB or 80Mbit'],
    ["10mb", '"10mb" may mean bits or bytes: write 10MB or 80Mbit'],
    ["10Mbps", '"10Mbps" has a unit that is not known here: write 10MB or 80Mbit'],
    ["fast", '"fast" is not like 10MB or 80Mbit'],
    ["-5MB", '"-5MB" is not like 10MB or 80Mbit'],
    ["1,5MB", '"1,5MB" is not like 10MB or 80Mbit'],
    ["", '"" is not like 10MB or 80Mbit'],
    ["0MB", '"0MB" is too slow: the least is 1KiB a second'],
    ["1000B", '"1000B" is too slow: the least is 1KiB a second'],
  ])("refuses %j and says what to write", (text, message) => {
    expect(() => parseRate(text)).toThrow(expect.objectContaining({ code: "invalid", message }));
  });

  it("reads back what formatRate shows, up to its rounding", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2000, max: 1e12 }), (bytesPerSecond) => {
        for (const units of ["bytes", "bits"] as const) {
          const again = parseRate(formatRate(bytesPerSecond, units, "binary"));
          expect(Math.abs(again - bytesPerSecond)).toBeLessThan(bytesPerSecond * 0.051);
        }
      }),
    );
  });
});

describe("parseSize", () => {
  it.each([
    ["16MiB", 16_777_216],
    ["16 MB", 16_000_000],
    ["1.5GiB", 1_610_612_736],
    ["5TB", 5_000_000_000_000],
    ["0B", 0],
  ])("%s is %i bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each([
    ["16", '"16" needs a unit: 16MiB or 16MB'],
    ["16M", '"16M" may mean bits or bytes: write 16MiB or 16MB'],
    ["16Mbit", '"16Mbit" has a unit that is not known here: write 16MiB or 16MB'],
    ["1.5B", '"1.5B" is no whole number of bytes'],
    ["999999999999999TB", '"999999999999999TB" is no whole number of bytes'],
    ["x".repeat(50), `"${"x".repeat(40)}…" is not like 16MiB or 16MB`],
  ])("refuses %j", (text, message) => {
    expect(() => parseSize(text)).toThrow(LonghaulError);
    expect(() => parseSize(text)).toThrow(message);
  });
});
