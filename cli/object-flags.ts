import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import type { Encryption } from "#shared/object-options.ts";
import { BucketAccess, ObjectOptions } from "#shared/object-options.ts";
import type { Direction } from "#shared/transfer.ts";

/** What becomes of objects, and what their bucket asks for. */
export const ObjectFlags = z.object({
  contentType: z.string().optional(),
  cacheControl: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  tag: z.record(z.string(), z.string()).optional(),
  storageClass: z.string().optional(),
  sse: z.custom<Encryption>().optional(),
  preserveMode: z.boolean().optional(),
  expectedBucketOwner: z.string().optional(),
  requesterPays: z.boolean().optional(),
  versionId: z.string().min(1).optional(),
});
export type ObjectFlags = z.infer<typeof ObjectFlags>;

export function addObjectFlags(command: Command): Command {
  return command
    .optionsGroup("What is said of objects:")
    .option("--content-type <type>", "of uploads; by the ending of each name if left out")
    .option("--cache-control <text>", "of uploads: no-cache")
    .option("--metadata <name=value>", "of uploads (repeatable)", pair("--metadata"))
    .option("--tag <key=value>", "of uploads (repeatable)", pair("--tag"))
    .option("--storage-class <name>", "of uploads: STANDARD_IA")
    .option("--sse <way>", "how the server encrypts it: none, s3, kms or kms:KEYID", parseSse)
    .option("--preserve-mode", "keep permissions with objects, and give them to files")
    .option("--version-id <id>", "an earlier version of the one object that is downloaded")
    .option("--expected-bucket-owner <account>", "refuse a bucket of anybody else")
    .option("--requester-pays", "agree to pay for requests and traffic where a bucket asks for it");
}

/** @throws {LonghaulError} `invalid` for what no server takes. */
export function objectOptionsOf(flags: ObjectFlags): ObjectOptions | undefined {
  const { contentType, cacheControl, metadata, tag: tags, storageClass, preserveMode } = flags;
  const encryption = flags.sse;
  const given = {
    contentType,
    cacheControl,
    metadata,
    tags,
    storageClass,
    encryption,
    preserveMode,
  };
  return parseSaid(ObjectOptions, given);
}

/** @throws {LonghaulError} `invalid` */
export function accessOf({
  expectedBucketOwner,
  requesterPays,
}: ObjectFlags): BucketAccess | undefined {
  return parseSaid(BucketAccess, { expectedBucketOwner, requesterPays });
}

/** Flags that would be left unheard are refused. @throws {LonghaulError} `invalid` */
export function checkObjectFlags(flags: ObjectFlags, direction: Direction): void {
  objectOptionsOf(flags);
  accessOf(flags);
  const { versionId, preserveMode: _, expectedBucketOwner: _o, requesterPays: _r, ...own } = flags;
  if (direction === "upload" && versionId !== undefined) {
    throw new LonghaulError("invalid", "--version-id names what is downloaded, and this uploads");
  }
  const unheard = Object.entries(UPLOAD_FLAGS).find(([name]) => Object.hasOwn(own, name));
  if (direction === "download" && unheard !== undefined) {
    throw new LonghaulError("invalid", `${unheard[1]} is for uploads, and this downloads`);
  }
}

const UPLOAD_FLAGS = {
  contentType: "--content-type",
  cacheControl: "--cache-control",
  metadata: "--metadata",
  tag: "--tag",
  storageClass: "--storage-class",
  sse: "--sse",
};

/** Undefined when nothing was said at all. */
function parseSaid<T>(schema: z.ZodType<T>, given: Record<string, unknown>): T | undefined {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  if (said.length === 0) return undefined;
  const parsed = schema.safeParse(Object.fromEntries(said));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join(" ") ?? "";
  throw new LonghaulError("invalid", `${place}: ${issue?.message ?? "not possible"}`);
}

function pair(flag: string) {
  return (given: string, previous: Readonly<Record<string, string>> = {}) => {
    const cut = given.indexOf("=");
    if (cut < 1) throw new InvalidArgumentError(`${flag} is written name=value`);
    const name = given.slice(0, cut);
    const key = flag === "--metadata" ? name.toLowerCase() : name;
    return { ...previous, [key]: given.slice(cut + 1) };
  };
}

function parseSse(given: string): Encryption {
  const [way = "", ...rest] = given.split(":");
  const keyId = rest.join(":");
  if (rest.length === 0 && (way === "none" || way === "s3")) return { kind: way };
  if (way === "kms" && (rest.length === 0 || keyId !== "")) {
    return { kind: "kms", keyId: keyId === "" ? null : keyId };
  }
  throw new InvalidArgumentError("it is none, s3, kms or kms:KEYID");
}
