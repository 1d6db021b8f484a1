import type { Client } from "#shared/client.ts";
import type { ItemView, TransferId, TransferView } from "#shared/transfer.ts";

type Rig = { readonly client: Client };

/** The first 500 items of a transfer. */
export async function itemsOf({ client }: Rig, id: TransferId): Promise<readonly ItemView[]> {
  const asked = { id, offset: 0, limit: 500, phases: [] };
  return (await client.call("transfer.items", asked)).items;
}

/** What a transfer's log says, line by line. */
export async function logOf({ client }: Rig, id: TransferId): Promise<string> {
  const { log } = await client.call("transfer.detail", { id });
  return log.map(({ text }) => text).join("\n");
}

/** For transfers that were at rest before: `rest` would see them so still. */
export function isDone({ state }: TransferView): boolean {
  return state.phase === "done";
}
