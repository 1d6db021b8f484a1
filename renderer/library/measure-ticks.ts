import type { Client } from "#shared/client.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import { MOST_ASKED } from "#shared/library-here.ts";
import type { Measure, Ticks } from "./ticks.ts";
import { keptFolders, MOST_TICKS } from "./ticks.ts";

/** A bucket, and the folder that what is in it would go to; what is there already is known of no other. */
export type MeasurePlace = {
  readonly at: { readonly profileId: ProfileId; readonly bucket: string };
  readonly folder: LocalRef | null;
};

/** What is under a prefix, and how much of it is in the folder. Never rejects. */
export async function measurePrefix(
  client: Client,
  place: MeasurePlace,
  prefix: string,
): Promise<Measure> {
  const { at, folder } = place;
  try {
    const counted = await client.call("library.measure", { ...at, prefixes: [prefix], folder });
    return { kind: "measured", ...counted };
  } catch {
    // The sum then says "at least"; getting the prefix says why, if it still does not answer.
    return { kind: "failed" };
  }
}

/**
 * Of objects, those that are in the folder already, in bytes. What cannot be found out is not there: it would be asked
 * for, and then be found.
 */
export async function measureObjects(
  client: Client,
  place: MeasurePlace,
  ticks: Ticks,
): Promise<number> {
  const { at, folder } = place;
  const objects = [...ticks.values()].filter((row) => row.kind === "object");
  if (folder === null || objects.length > MOST_TICKS) return 0;
  let hereBytes = 0;
  try {
    for (let start = 0; start < objects.length; start += MOST_ASKED) {
      const page = objects.slice(start, start + MOST_ASKED);
      const asked = page.map(({ key, etag, sizeBytes }) => ({ key, etag, sizeBytes }));
      const call = { ...at, prefixes: [], objects: asked, folder, ...keptFolders(page) };
      hereBytes += (await client.call("library.measure", call)).hereBytes;
    }
  } catch {
    return hereBytes;
  }
  return hereBytes;
}
