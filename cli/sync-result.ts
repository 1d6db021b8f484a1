import type { Client } from "#shared/client.ts";
import { formatBytes, formatDuration } from "#shared/format.ts";
import { NO_SYNC } from "#shared/sync.ts";
import type { TransferView } from "#shared/transfer.ts";
import { showName } from "./quote.ts";

/** So many of what would be deleted are named before the question. */
const NAMED = 20;
const PAGE = 500;

const WOULD_DELETE = "would be deleted";
/** Notes of items, as the engine writes them, that the counts of a sync say better. */
const EXPECTED = ["already", "would be", "deleted", "a folder"];

export function isExpectedNote(note: string): boolean {
  return EXPECTED.some((beginning) => note.startsWith(beginning));
}

/** The first names of what a dry run would delete. They are the last that it found. */
export async function deletionsOf(client: Client, view: TransferView): Promise<readonly string[]> {
  const count = Math.min(view.sync?.deletes ?? 0, NAMED);
  if (count === 0) return [];
  const offset = Math.max(0, view.skippedItemCount - (view.sync?.deletes ?? 0));
  const page = { id: view.id, offset, limit: PAGE, phases: ["skipped" as const] };
  const { items } = await client.call("transfer.items", page);
  const named = items.filter(({ note }) => note === WOULD_DELETE);
  return named.slice(0, count).map(({ name }) => name);
}

/** `synced tree to s3://b/t/: 2 uploaded (3.1 GB) in 8 s, 1 deleted, 5 were the same` */
export function sentenceOfSync(view: TransferView, target: string, isDry: boolean): string {
  const { moves, deletes, same, keepsVersions } = view.sync ?? NO_SYNC;
  const name = showName(view.name.replace(/ \(dry run\)$/u, ""));
  const head = `${isDry ? "would sync" : "synced"} ${name} to ${showName(target)}: `;
  if (moves + deletes === 0) return `${head}all ${same} are the same`;
  const kept = keepsVersions ? " (the bucket keeps their versions)" : "";
  const counts = [
    ...(moves === 0 ? [] : [movedOf(view, isDry)]),
    ...(deletes === 0 ? [] : [isDry ? `${deletes} to delete` : `${deletes} deleted${kept}`]),
    ...(same === 0 ? [] : [`${same} ${isDry ? "are" : "were"} the same`]),
  ];
  return head + counts.join(", ");
}

function movedOf({ sync, direction, activeMs }: TransferView, isDry: boolean): string {
  const { moves, moveBytes } = sync ?? NO_SYNC;
  const bytes = formatBytes(moveBytes, "decimal");
  if (isDry) return `${moves} to ${direction} (${bytes})`;
  const time = formatDuration(Math.max(0.001, activeMs / 1000));
  return `${moves} ${direction === "upload" ? "uploaded" : "downloaded"} (${bytes}) in ${time}`;
}
