import type { Client } from "#shared/client.ts";
import type { ItemPhase, ItemView, TransferView } from "#shared/transfer.ts";
import { describeError } from "./show-error.ts";
import type { Terminal } from "./terminal.ts";

/** As many as one call gives. */
const PAGE_ITEMS = 500;

const SETTLED: ReadonlySet<ItemPhase> = new Set(["done", "skipped", "failed"]);

/**
 * One JSON line for every item that came to an end, with its receipt. A page at a time, and each waits
 * until the one before was read: a million items take no memory.
 */
export async function printItems(
  client: Client,
  view: TransferView,
  terminal: Terminal,
): Promise<void> {
  for (let offset = 0; offset < view.itemCount; offset += PAGE_ITEMS) {
    const page = { id: view.id, offset, limit: PAGE_ITEMS, phases: [] };
    const { items } = await client.call("transfer.items", page);
    for (const item of items) if (SETTLED.has(item.phase)) terminal.out(itemLine(view, item));
    await terminal.outTaken();
  }
}

/** For scripts; fields are added to, never changed. */
function itemLine(view: TransferView, item: ItemView): string {
  const error = item.error === null ? null : describeError(item.error);
  const { index, name, phase, note, sizeBytes, receipt } = item;
  const facts = { index, name, phase, note, sizeBytes, receipt, error };
  return JSON.stringify({ type: "item", id: view.id, ...facts });
}
