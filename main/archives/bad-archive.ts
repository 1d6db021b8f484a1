import { LonghaulError } from "#shared/errors.ts";

/** Of a name in a message: one may be as long as 64 KiB. */
const MOST_SHOWN = 60;

/** A refusal of a whole archive. @param why The rest of the sentence `The archive …`. */
export function badArchive(why: string): LonghaulError {
  return new LonghaulError("bad-archive", `the archive ${why}`);
}

/** A refusal because of one entry. @param why The rest of the sentence `The entry "x" …`. */
export function badEntry(entry: string, why: string): LonghaulError {
  return new LonghaulError("bad-archive", `the entry ${shown(entry)} ${why}`, {
    details: { entry },
  });
}

/** What is no harm, but cannot be read here. */
export function unsupportedArchive(why: string, entry?: string): LonghaulError {
  return new LonghaulError("unsupported", why, {
    details: entry === undefined ? {} : { entry },
  });
}

/** A name on one line, whatever is in it. */
export function shown(name: string): string {
  const short = name.length <= MOST_SHOWN ? name : `${name.slice(0, MOST_SHOWN)}…`;
  return JSON.stringify(short);
}
