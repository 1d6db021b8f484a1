import { rm } from "node:fs/promises";
import { UploadSource } from "./item-record.ts";

/**
 * Removes what a browser page sent for an item that needs it no more. Any other source is the
 * user's own and stays. Never rejects: what cannot be removed now is swept at the next start.
 */
export async function removeSpool(source: unknown): Promise<void> {
  const path = spoolOf(source);
  if (path !== null) await rm(path, { force: true }).catch(() => undefined);
}

/** The file that a page's bytes are kept in; null for any other source. */
export function spoolOf(source: unknown): string | null {
  const { data } = UploadSource.safeParse(source);
  return data?.kind === "arrival" ? data.path : null;
}
