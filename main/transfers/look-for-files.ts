import { join } from "node:path";
import type { TransferId } from "#shared/transfer.ts";
import type { Journal } from "./journal.ts";
import { findAt } from "../disk/stat-file.ts";
import { DownloadSource } from "./item-record.ts";

const PAGE = 500;

/**
 * Bytes of the waiting items whose files are there already, as long as they are to be. Most of them
 * will turn out to be the same; those that do not are found out when their turn comes.
 */
export async function lookForFiles(
  journal: Pick<Journal, "items">,
  { id, folder }: { readonly id: TransferId; readonly folder: string },
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  for (let afterIndex = -1; ;) {
    signal.throwIfAborted();
    const query = { transferId: id, phases: ["waiting"], afterIndex, limit: PAGE } as const;
    const rows = await journal.items(query);
    for (const { source, sizeBytes } of rows) {
      const known = DownloadSource.safeParse(source);
      if (known.success && (await isThere(join(folder, known.data.path), sizeBytes))) {
        bytes += sizeBytes;
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return bytes;
    afterIndex = last.index;
  }
}

async function isThere(path: string, sizeBytes: number): Promise<boolean> {
  const stats = await findAt(path).catch(() => undefined);
  return stats !== undefined && stats.isFile() && Number(stats.size) === sizeBytes;
}
