import type { S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";

/** S3 gives at most this many entries of anything in one page. */
const MAX_PAGE = 1000;

/**
 * A page size from the query: what is asked for, up to 1,000.
 *
 * @throws {S3Error} InvalidArgument for what is not a count.
 */
export function readLimit(call: S3Call, name: string): number {
  return Math.min(MAX_PAGE, readCount(call.query.get(name), name) ?? MAX_PAGE);
}

/** @throws {S3Error} InvalidArgument. */
export function readCount(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === "") return undefined;
  const count = Number(text);
  if (/^\d+$/.test(text) && count < 2 ** 31) return count;
  throw new S3Error("InvalidArgument", `Provided ${name} not an integer or within integer range`);
}
