import { hash } from "node:crypto";
import type { ByteRange } from "../bytes/byte-range.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { MiB } from "../bytes/sizes.ts";
import type { ObjectInfo } from "../stores/store.ts";
import { unquoted } from "./find-ours.ts";
import { planParts } from "./plan-parts.ts";
import type { MoveTools } from "./ports.ts";
import { runLanes } from "./run-lanes.ts";

/** Part sizes that the usual tools use, the likeliest first, in MiB. */
const USUAL_PART_MIB = [8, 16, 5, 64, 32, 15, 10, 50, 100, 128, 20, 25, 256, 512, 1024];

/** Parts read back at once. */
const READ_LANES = 4;

/** What comparing a file with an object's ETag came to. */
export type EtagProof = {
  readonly isProven: boolean;
  /**
   * MD5 of the file as the ETag would be made of it, where that is known and not guessed. Then the
   * bytes are wrong, or the ETag is no MD5; what comes of fetching them again tells.
   */
  readonly otherMd5: string | null;
};

/**
 * Whether a file is what an object's ETag says, read as S3 makes it: the MD5 of the bytes, or the MD5
 * of the parts' MD5s and their number. A match proves the bytes; none proves nothing, because an ETag
 * may be anything.
 *
 * @throws {LonghaulError} when the file cannot be read, or the store not be asked.
 */
export async function proveByEtag(
  object: ObjectInfo,
  path: string,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<EtagProof> {
  const [, md5, count] = /^([0-9a-f]{32})(?:-([1-9]\d*))?$/u.exec(unquoted(object.etag)) ?? [];
  if (md5 === undefined) return { isProven: false, otherMd5: null };
  const sizes = await likelyPartSizes(object, count, tools, signal);
  let found: string | undefined;
  for (const partBytes of sizes.partBytes) {
    tools.observer.verified(0);
    const digests = await digestParts(object, partBytes, { path, tools, signal });
    found = count === undefined ? digests[0] : hash("md5", Buffer.from(digests.join(""), "hex"));
    if (found === md5) return { isProven: true, otherMd5: null };
  }
  return { isProven: false, otherMd5: sizes.isKnown ? (found ?? null) : null };
}

type LikelySizes = { readonly partBytes: readonly number[]; readonly isKnown: boolean };

/** A plain MD5 is of one part; else those sizes that give the number of parts that the ETag names. */
async function likelyPartSizes(
  object: ObjectInfo,
  count: string | undefined,
  { store, retry }: MoveTools,
  signal: AbortSignal,
): Promise<LikelySizes> {
  const { sizeBytes } = object;
  const whole = Math.max(1, sizeBytes);
  if (count === undefined || count === "1") return { partBytes: [whole], isKnown: true };
  const known = await retry.run(null, () => store.uploadedPartBytes(object, signal), signal);
  const fits = (partBytes: number): boolean => Math.ceil(sizeBytes / partBytes) === Number(count);
  if (known !== null && fits(known)) return { partBytes: [known], isKnown: true };
  return { partBytes: USUAL_PART_MIB.map((mib) => mib * MiB).filter(fits), isKnown: false };
}

type Reading = { readonly path: string; readonly tools: MoveTools; readonly signal: AbortSignal };

/** MD5 of each part in hex, in order; of an empty file that of nothing. */
async function digestParts(
  { sizeBytes }: ObjectInfo,
  partBytes: number,
  { path, tools, signal }: Reading,
): Promise<readonly string[]> {
  const parts =
    sizeBytes === 0 ? [{ number: 1, start: 0, end: 0 }] : planParts(sizeBytes, partBytes);
  const digests: string[] = [];
  let doneBytes = 0;
  const digest = async (part: ByteRange & { number: number }, laneSignal: AbortSignal) => {
    const source = { path, start: part.start, end: part.end };
    const order = { source, algorithm: "md5", meter: tools.meter } as const;
    digests[part.number - 1] = await tools.wire.digest(order, laneSignal);
    doneBytes += lengthOf(part);
    tools.observer.verified(doneBytes);
  };
  await runLanes(READ_LANES, parts.values(), digest, signal);
  return digests;
}
