import { LonghaulError } from "#shared/errors.ts";
import { GiB, MiB } from "../../bytes/sizes.ts";
import { CUT_OTHERWISE } from "../store.ts";
import type { PartLimits } from "../store.ts";

/** S3's own. The minimum does not hold for the last part. */
const S3_LIMITS: PartLimits = { minPartBytes: 5 * MiB, maxPartBytes: 5 * GiB, maxParts: 10_000 };

/** The lowest number of parts that a known provider stops at, where it does not say it. */
const USUAL_CAP = 1000;
const LARGEST_MINIMUM = 64 * MiB;

const ABOUT_NUMBER: ReadonlySet<string> = new Set([
  "InvalidArgument",
  "InvalidPartNumber",
  "TooManyParts",
]);

/** How an upload may be cut at an endpoint: as at S3, until a refusal says otherwise. */
export class LearnedLimits {
  #now: PartLimits;
  readonly #onCap: (maxParts: number) => void;

  /**
   * @param maxParts What is known of the endpoint already.
   * @param onCap Told of a lower number that the server named, so that it is known the next time.
   */
  constructor(
    maxParts: number = S3_LIMITS.maxParts,
    onCap: (maxParts: number) => void = () => undefined,
  ) {
    this.#now = { ...S3_LIMITS, maxParts };
    this.#onCap = onCap;
  }

  get now(): PartLimits {
    return this.#now;
  }

  /** Why a part was refused; `upload-gone` where it was for its number. */
  explainPart(refusal: LonghaulError, number: number): LonghaulError {
    const { cause = "", status, mostParts } = refusal.details;
    if (status !== 400 || !ABOUT_NUMBER.has(cause)) return refusal;
    const cap = mostParts ?? (number > USUAL_CAP ? USUAL_CAP : number);
    if (number <= cap) return refusal;
    if (cap < this.#now.maxParts) {
      this.#now = { ...this.#now, maxParts: cap };
      // A guess is good for this run only.
      if (mostParts !== undefined) this.#onCap(cap);
    }
    return cutOtherwise(refusal, `it takes ${cap} parts at most`);
  }

  /** Why an upload was not completed; `upload-gone` where its parts are too small. */
  explainComplete(refusal: LonghaulError, partBytes: number): LonghaulError {
    const { cause, neededBytes } = refusal.details;
    if (cause !== "EntityTooSmall") return refusal;
    const leastBytes = Math.min(LARGEST_MINIMUM, neededBytes ?? partBytes * 2);
    if (leastBytes <= partBytes) return refusal;
    this.#now = { ...this.#now, minPartBytes: leastBytes };
    return cutOtherwise(refusal, `its parts are to have ${leastBytes} B or more`);
  }
}

function cutOtherwise(refusal: LonghaulError, why: string): LonghaulError {
  const message = `the server refused how the file was cut: ${why}`;
  const details = { ...refusal.details, cause: CUT_OTHERWISE };
  return new LonghaulError("upload-gone", message, { details, cause: refusal });
}
