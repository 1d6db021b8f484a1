import { LonghaulError } from "#shared/errors.ts";
import type { Receipt, Rung } from "#shared/transfer.ts";
import { CrcMap } from "../bytes/crc-map.ts";
import { MiB } from "../bytes/sizes.ts";
import type { Store, WholeCrc } from "../stores/store.ts";
import type { FetchMeans } from "./fetch-range.ts";
import { fetchRanges } from "./fetch-ranges.ts";
import { crcOfFile } from "./prove-by-crc.ts";
import { proveByEtag } from "./prove-by-etag.ts";

/** Longest range that is ever asked for, for counting them. */
const RANGE_BYTES = 16 * MiB;

/** A whole that is wrong this often is wrong at the origin, or in this machine. */
const MAX_WRONG = 2;

/** Stores whose ETags looked like MD5s of the bytes and were none: there, a difference says nothing. */
const OPAQUE_ETAGS = new WeakSet<Store>();
/**
 * Stores where an ETag was one. Objects under some kinds of encryption have others, beside plain
 * ones: there, a difference is always looked into.
 */
const MD5_ETAGS = new WeakSet<Store>();

/** Of a store where an object's ETag was found to be the MD5 of its bytes. */
export function noteMd5Etag(store: Store): void {
  MD5_ETAGS.add(store);
}

/** What the bytes were compared with. */
export type Proof = Pick<Receipt, "rung" | "sha256" | "partCount">;

/**
 * Proves the file as a whole, by the best that the origin has for that. Which of its bytes are wrong
 * nobody can tell then, so all of them are fetched once more.
 *
 * @param said The origin's CRC, null where it has none.
 * @throws {LonghaulError} `corrupt` when the bytes are wrong twice; as `fetchRanges`.
 */
export async function proveWhole(
  said: WholeCrc | null,
  means: FetchMeans,
  signal: AbortSignal,
): Promise<Proof> {
  const { object, landing, tools } = means;
  const judge = said === null ? new EtagJudge(means) : new CrcJudge(said, means);
  const partCount = Math.max(1, Math.ceil(object.sizeBytes / RANGE_BYTES));
  for (let wrong = 1; ; wrong += 1) {
    await landing.settle();
    tools.observer.stage("verifying");
    const rung = await judge.rung(signal);
    if (rung !== null) return { rung, sha256: null, partCount };
    if (wrong >= MAX_WRONG) throw corrupt(object.key, said === null ? "md5-etag" : "full-crc");
    tools.observer.stage("moving");
    await fetchAgain(means, signal);
  }
}

interface Judge {
  /** What the file is proven by; null when it is wrong. */
  rung(signal: AbortSignal): Promise<Rung | null>;
}

class CrcJudge implements Judge {
  readonly #said: WholeCrc;
  readonly #means: FetchMeans;

  constructor(said: WholeCrc, means: FetchMeans) {
    this.#said = said;
    this.#means = means;
  }

  async rung(signal: AbortSignal): Promise<Rung | null> {
    const { object, path, tools, crcs = new CrcMap(this.#said.algorithm) } = this.#means;
    const { sizeBytes } = object;
    const crc = await crcOfFile(crcs, { path, sizeBytes }, tools, signal);
    return crc === this.#said.crc ? "full-crc" : null;
  }
}

/** An ETag that is no MD5 looks like one over wrong bytes; the same bytes twice are not wrong. */
class EtagJudge implements Judge {
  readonly #means: FetchMeans;
  #before: string | null = null;

  constructor(means: FetchMeans) {
    this.#means = means;
  }

  async rung(signal: AbortSignal): Promise<Rung | null> {
    const { object, path, tools } = this.#means;
    const { isProven, otherMd5 } = await proveByEtag(object, path, tools, signal);
    if (isProven) {
      noteMd5Etag(tools.store);
      return "md5-etag";
    }
    const isUsual = OPAQUE_ETAGS.has(tools.store) && !MD5_ETAGS.has(tools.store);
    if (otherMd5 === null || isUsual) return "size";
    if (otherMd5 === this.#before) {
      OPAQUE_ETAGS.add(tools.store);
      return "size";
    }
    this.#before = otherMd5;
    return null;
  }
}

/** All of it once more, whatever is in the file. */
export async function fetchAgain(means: FetchMeans, signal: AbortSignal): Promise<void> {
  const { object, landing, crcs, tools } = means;
  const whole = { start: 0, end: object.sizeBytes };
  landing.forget();
  crcs?.clear();
  tools.observer.undone(whole);
  tools.observer.movedTwice(object.sizeBytes);
  await fetchRanges(null, means, signal);
}

function corrupt(key: string, cause: string): LonghaulError {
  return new LonghaulError("corrupt", `${key} is not what the origin says`, {
    details: { key, cause },
  });
}
