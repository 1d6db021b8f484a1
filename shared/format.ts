import type { Settings } from "./settings.ts";
import { LonghaulError } from "./errors.ts";

type SizeUnits = Settings["sizeUnits"];
type RateUnits = Settings["rateUnits"];

const SIZE_UNITS: Readonly<Record<SizeUnits, { step: number; names: readonly string[] }>> = {
  decimal: { step: 1000, names: ["B", "kB", "MB", "GB", "TB", "PB"] },
  binary: { step: 1024, names: ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] },
};
const BIT_NAMES = ["bit", "kbit", "Mbit", "Gbit", "Tbit"];

/** `19.6 GB`, `141 GB`, `512 B`; with `binary` `18.3 GiB`. Exact multiples have no decimal: `16 MiB`. */
export function formatBytes(bytes: number, units: SizeUnits): string {
  const { step, names } = SIZE_UNITS[units];
  return inUnits(bytes, step, names);
}

/** `95.8 MB/s`; in bits always decimal, as lines are sold: `320 Mbit/s`. */
export function formatRate(
  bytesPerSecond: number,
  rateUnits: RateUnits,
  sizeUnits: SizeUnits,
): string {
  if (rateUnits === "bytes") return `${formatBytes(bytesPerSecond, sizeUnits)}/s`;
  return `${inUnits(bytesPerSecond * 8, 1000, BIT_NAMES)}/s`;
}

/** How long something took: `0.4 s`, `12 s`, `2 min 18 s`, `1 h 50 min`, `2 d 3 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Number(Math.max(0, seconds).toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return twoUnits(minutes, "min", whole % 60, "s");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return twoUnits(hours, "h", minutes % 60, "min");
  return twoUnits(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** How long it will take, no finer than can be known: `less than a minute left`, `1 h 50 min left`, `about 2 days left`. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min left`;
  const hours = Math.floor(minutes / 60);
  if (hours < 36) return `${twoUnits(hours, "h", minutes % 60, "min")} left`;
  return `about ${Math.round(hours / 24)} days left`;
}

/**
 * `10MB`, `1.5 GiB`, `512B` as bytes.
 *
 * @throws {LonghaulError} `invalid`, saying what to write, without a unit that is sure to be bytes.
 */
export function parseSize(text: string): number {
  const { amount, unit } = parseAmount(text, "16MiB or 16MB");
  const factor = BYTE_FACTORS.get(unit);
  if (factor === undefined) throw refuseUnit(text, unit, "16MiB or 16MB");
  return toWholeBytes(text, amount * factor);
}

/** The lowest cap: under it, sockets die of silence. Also the least of `Limits`. */
const LEAST_BYTES_PER_SECOND = 1024;

/**
 * `10MB`, `10 MB/s`, `40Mbit`, `2GiB/s` as bytes per second.
 *
 * @throws {LonghaulError} `invalid`, saying what to write: a bare number or `10M` may mean bits or
 * bytes, and is never guessed.
 */
export function parseRate(text: string): number {
  const { amount, unit } = parseAmount(text.trim().replace(/\/s$/i, ""), "10MB or 80Mbit");
  const factor = BYTE_FACTORS.get(unit) ?? bitFactor(unit);
  if (factor === undefined) throw refuseUnit(text, unit, "10MB or 80Mbit");
  const bytesPerSecond = toWholeBytes(text, Math.floor(amount * factor));
  if (bytesPerSecond >= LEAST_BYTES_PER_SECOND) return bytesPerSecond;
  throw new LonghaulError("invalid", `${quoted(text)} is too slow: the least is 1KiB a second`);
}

function inUnits(amount: number, step: number, names: readonly string[]): string {
  let power = 0;
  let divisor = 1;
  // By what is shown, not by what is: 999,960,000 B would read "1000 MB".
  while (power < names.length - 1 && rounded(amount / divisor) >= step) {
    power += 1;
    divisor *= step;
  }
  return `${figure(amount / divisor, power === 0)} ${names[power]}`;
}

/** One decimal below 100, none above, none where nothing is cut off. */
function figure(value: number, isWhole: boolean): string {
  if (isWhole || Number.isInteger(value) || rounded(value) >= 100) return String(Math.round(value));
  return value.toFixed(1);
}

function rounded(value: number): number {
  return value < 99.95 ? Math.round(value * 10) / 10 : Math.round(value);
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** By the spelling that is sure to mean bytes; `Mb` is not among them. */
const BYTE_FACTORS: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ...(["k", "M", "G", "T"] as const).flatMap((prefix, index): [string, number][] => [
    [`${prefix}B`, 1000 ** (index + 1)],
    [`${prefix.toUpperCase()}iB`, 1024 ** (index + 1)],
  ]),
  ["KB", 1000],
]);

function bitFactor(unit: string): number | undefined {
  const power = BIT_NAMES.findIndex((name) => name.toLowerCase() === unit.toLowerCase());
  return power === -1 ? undefined : 1000 ** power / 8;
}

function parseAmount(text: string, example: string): { amount: number; unit: string } {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([a-z]{0,5})$/i.exec(text.trim());
  if (match === null) throw new LonghaulError("invalid", `${quoted(text)} is not like ${example}`);
  return { amount: Number(match[1]), unit: match[2] ?? "" };
}

function refuseUnit(text: string, unit: string, example: string): LonghaulError {
  if (unit === "") {
    return new LonghaulError("invalid", `${quoted(text)} needs a unit: ${example}`);
  }
  const isUnclear = /^([kmgt]b?|b)$/i.test(unit);
  return new LonghaulError(
    "invalid",
    isUnclear
      ? `${quoted(text)} may mean bits or bytes: write ${example}`
      : `${quoted(text)} has a unit that is not known here: write ${example}`,
  );
}

function toWholeBytes(text: string, bytes: number): number {
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new LonghaulError("invalid", `${quoted(text)} is no whole number of bytes`);
}

/** Short enough to be shown, whatever was typed. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
