import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { machineZone } from "./machine-zone.ts";

let folder: string;
const known = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-zone-"));
  vi.stubEnv("TZ", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function link(target: string): string {
  const path = join(folder, `localtime-${target.length}`);
  symlinkSync(target, path);
  return path;
}

it("follows the system's link, which changes while Longhaul runs", () => {
  expect(machineZone(link("/usr/share/zoneinfo/Asia/Kolkata"))).toBe("Asia/Kolkata");
  expect(machineZone(link("/var/db/timezone/zoneinfo/America/New_York"))).toBe("America/New_York");
});

it("is what Node knows where there is no link, or one to something else", () => {
  expect(machineZone(join(folder, "none"))).toBe(known());
  expect(machineZone(link("/usr/share/zoneinfo/Nowhere/Town"))).toBe(known());
  expect(machineZone(link("/etc/elsewhere"))).toBe(known());
});

it("is the environment's where that names one", () => {
  vi.stubEnv("TZ", "Asia/Tokyo");
  expect(machineZone(link("/usr/share/zoneinfo/Asia/Kolkata"))).toBe(known());
});
