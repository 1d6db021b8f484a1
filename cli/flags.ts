import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { PackFormat } from "#shared/archive.ts";
import { EVERY_LEAST_MS } from "#shared/follow.ts";
import { parseDuration } from "#shared/duration.ts";
import { LonghaulError } from "#shared/errors.ts";
import { parseRate, parseSize } from "#shared/format.ts";
import { addObjectFlags, ObjectFlags } from "./object-flags.ts";

const text = z.string().nullable().default(null);
const isSet = z.boolean().default(false);

/** Flags that say which bucket provider a command speaks with. */
export const PlaceFlags = z.object({ profile: text, endpointUrl: text, region: text });

export const OutputFlags = z.object({ json: isSet, quiet: isSet });

export const ListFlags = z.object({
  ...PlaceFlags.shape,
  ...OutputFlags.shape,
  versions: isSet,
  recursive: isSet,
});

/** Bytes per second. */
const rate = z.number().nullable().default(null);

export const RateFlags = z.object({ down: rate, up: rate });

export const TestFlags = z.object({ json: isSet, write: isSet });

export const DoctorFlags = z.object({ json: isSet, save: text });

/** Of every command that moves something. */
export const MoveFlags = z.object({
  ...PlaceFlags.shape,
  ...OutputFlags.shape,
  /** Each way. */
  limitRate: rate,
  /** Milliseconds without a byte, Infinity for ever; null is the default of commands. */
  giveUpAfter: z
    .union([z.number(), z.literal(Infinity)])
    .nullable()
    .default(null),
  dryRun: isSet,
  yes: isSet,
  verify: isSet,
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
});

export const CopyFlags = z.object({
  ...MoveFlags.shape,
  /** Bytes. */
  partSize: z.number().nullable().default(null),
  connections: z.number().nullable().default(null),
  /** Of downloads. */
  cache: isSet,
  followSymlinks: isSet,
  emptyFolders: isSet,
  archive: PackFormat.nullable().default(null),
  onConflict: z.enum(["skip", "replace", "rename", "fail"]).nullable().default(null),
  ...ObjectFlags.shape,
});
export type CopyFlags = z.infer<typeof CopyFlags>;

export const SyncFlags = z.object({
  ...CopyFlags.shape,
  delete: isSet,
  checksum: isSet,
  allowEmpty: isSet,
  /** Milliseconds from the end of one run to the next; null is one run. */
  every: z.number().nullable().default(null),
});
export type SyncFlags = z.infer<typeof SyncFlags>;

const MiB = 1024 * 1024;
/** S3's own bounds of a part. */
const PART_MIN_BYTES = 5 * MiB;
const PART_MAX_BYTES = 5 * 1024 * MiB;

export function addPlaceFlags(command: Command): Command {
  return command
    .option("--profile <name>", "a saved profile, or one of ~/.aws")
    .option("--endpoint-url <url>", "where the buckets are; AWS if nothing says otherwise")
    .option("--region <name>", "the region that requests are signed for");
}

export function addOutputFlags(command: Command): Command {
  return command
    .addOption(new Option("--json", "JSON lines on standard output").conflicts("quiet"))
    .option("-q, --quiet", "only the result; errors still go to standard error");
}

export function addCopyFlags(command: Command): Command {
  return addObjectFlags(addMoveFlags(addOutputFlags(addPlaceFlags(command))));
}

/** Flags that a sync has of a copy are the same there, and others are its own. */
export function addSyncFlags(command: Command): Command {
  addOutputFlags(addPlaceFlags(command))
    .optionsGroup("What is kept the same:")
    .option("--delete", "delete what is at the destination and not at the source, after asking")
    .option("-n, --dry-run", "say exactly what would be done, and do nothing")
    .option("--checksum", "read and compare everything, also what is known to be the same")
    .option("--allow-empty", "a source with nothing in it may empty the destination")
    .option(
      "--every <time>",
      "again and again, this long after the last: 10min",
      parsed(parseEvery),
    );
  addFilterFlags(command)
    .option("-y, --yes", "ask nothing before deleting")
    .option("--verify", "read back what has moved, and compare it once more")
    .optionsGroup("How it is moved:");
  return addPaceFlags(command).option(
    "--part-size <size>",
    "bytes in one part: 16MiB",
    parsed(parsePartSize),
  );
}

function addMoveFlags(command: Command): Command {
  command
    .optionsGroup("What is moved:")
    .option("-n, --dry-run", "say what would be copied, and copy nothing");
  addFilterFlags(command)
    .option("--follow-symlinks", "copy what symbolic links point to")
    .option("--empty-folders", "also make name/ objects for empty folders")
    .addOption(
      new Option("--archive <format>", "send a folder as one object, packed as it is sent").choices(
        PackFormat.options,
      ),
    )
    .option("--cache", "also keep a copy in a cache folder, where that takes no room of its own");
  addCareFlags(command, ["skip", "replace", "rename", "fail"]).optionsGroup("How it is moved:");
  return addPaceFlags(command)
    .option("--part-size <size>", "bytes in one part: 16MiB", parsed(parsePartSize))
    .option(
      "--connections <n>",
      "most connections to the endpoint (1 to 256)",
      parsed(parseConnections),
    );
}

export function addFilterFlags(command: Command): Command {
  return command
    .option("--include <glob>", "only these paths inside the source: '*.bin' (repeatable)", collect)
    .option("--exclude <glob>", "not these (repeatable)", collect);
}

/** @param rules What can be done where other content is already there. */
export function addCareFlags(command: Command, rules: readonly string[]): Command {
  return command
    .addOption(
      new Option("--on-conflict <rule>", "what to do where other content is already there").choices(
        rules,
      ),
    )
    .option("-y, --yes", "ask nothing; other content at the destination ends it then")
    .option("--verify", "read back what has moved, and compare it once more");
}

export function addPaceFlags(command: Command): Command {
  return command
    .option("--limit-rate <rate>", "at most this fast: 40Mbit, 5MB", parsed(parseRate))
    .option(
      "--give-up-after <time>",
      "end after so long without a byte: 45min, or off; if left out, 2min before the first byte and 30min after",
      parsed(parseGiveUp),
    );
}

export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** A parser whose refusal is shown as a usage error. */
export function parsed<T>(parse: (text: string) => T): (text: string) => T {
  return (given) => {
    try {
      return parse(given);
    } catch (error) {
      if (error instanceof LonghaulError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

export function parsePartSize(given: string): number {
  const sizeBytes = parseSize(given);
  const isWhole = sizeBytes % MiB === 0;
  if (isWhole && sizeBytes >= PART_MIN_BYTES && sizeBytes <= PART_MAX_BYTES) return sizeBytes;
  throw new LonghaulError("invalid", "a part is a whole number of MiB, from 5MiB to 5GiB");
}

/** Milliseconds; Infinity for `off`. */
export function parseGiveUp(given: string): number {
  return given.trim() === "off" ? Infinity : parseDuration(given);
}

/** Milliseconds. */
export function parseEvery(given: string): number {
  const ms = parseDuration(given);
  if (ms >= EVERY_LEAST_MS) return ms;
  throw new LonghaulError("invalid", "10s is the least");
}

export function parseConnections(given: string): number {
  return parseWhole(given, 1, 256);
}

/** As many as S3 takes, where a server takes fewer. */
export function parsePartCount(given: string): number {
  return parseWhole(given, 2, 10_000);
}

export function parsePort(given: string): number {
  return parseWhole(given, 0, 65_535);
}

function parseWhole(given: string, least: number, most: number): number {
  const number = /^\d{1,6}$/.test(given) ? Number(given) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new LonghaulError("invalid", `a whole number from ${least} to ${most} is needed`);
}
