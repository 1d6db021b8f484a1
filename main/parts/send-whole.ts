import { LonghaulError } from "#shared/errors.ts";
import type { CompleteMeans } from "./complete-upload.ts";
import { findOurs } from "./find-ours.ts";
import type { MoveTools, SendItem } from "./ports.ts";
import { rangeOf, sendBody } from "./send-body.ts";
import type { SendOutcome } from "./send-outcome.ts";

/** Sends a file in one PUT: all or nothing. */
export async function sendWhole(
  item: SendItem,
  { journal, tools, signal }: CompleteMeans,
): Promise<SendOutcome> {
  const { key, sizeBytes, condition, attributes } = item;
  const range = { start: 0, end: sizeBytes };
  const tried: string[] = [];
  const operation = (sha256: string) => {
    tried.push(sha256);
    return { kind: "put", key, sizeBytes, sha256, condition, attributes } as const;
  };
  tools.observer.stage("moving");
  try {
    const { stored, sha256 } = await sendBody(
      { ...rangeOf(item, range, tools.wire), part: null, operation },
      tools,
      signal,
    );
    tools.observer.done(range, false);
    const { etag, versionId, isCheckedBefore } = stored;
    return {
      ...WHOLE,
      ...(isCheckedBefore && { isCheckedBefore }),
      etag,
      versionId,
      sha256,
      rung: stored.isSha256Kept ? "part-sha256" : "signed-sha256",
    };
  } catch (error) {
    // The name may be taken by what an earlier attempt, whose answer was lost, put there.
    const [sha256] = tried;
    if (signal.aborted && sha256 !== undefined) await journal.mayLand?.(sha256);
    const isMaybeOurs = isConflict(error) && tried.length > 1 && sha256 !== undefined;
    const ours = isMaybeOurs ? await findWhole(item, sha256, tools, signal) : undefined;
    if (ours === undefined) throw error;
    tools.observer.done(range, false);
    return ours;
  }
}

const WHOLE = { partCount: 1 } as const;

function isConflict(error: unknown): boolean {
  return error instanceof LonghaulError && error.code === "conflict";
}

async function findWhole(
  { path, key, sizeBytes }: SendItem,
  sha256: string,
  { store, wire, retry }: MoveTools,
  signal: AbortSignal,
): Promise<SendOutcome | undefined> {
  const source = { path, start: 0, end: sizeBytes };
  const etag = await wire.digest({ source, algorithm: "md5" }, signal);
  const mark = { etag, pieces: [{ end: sizeBytes, sha256 }] };
  const object = await retry.run(null, () => findOurs(store, key, mark, signal), signal);
  if (object === undefined) return undefined;
  const { versionId } = object;
  return { ...WHOLE, etag: object.etag, versionId, sha256, rung: "signed-sha256" };
}
