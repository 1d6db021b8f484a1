import type { ItemRow, Journal } from "./journal.ts";
import type { RunPorts } from "./run-ports.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { Store } from "../stores/store.ts";
import { removePartFile } from "../disk/part-file.ts";
import { readResume } from "./item-record.ts";
import { keyFor } from "./item-names.ts";
import { bucketOf, profileIdOf } from "./transfer-spec.ts";

/** Removes what a canceled transfer left: partial files here, unfinished uploads at the store. */
export type Discard = (record: TransferRecord) => Promise<void>;

const PAGE = 500;

export function createDiscard(
  ports: Pick<RunPorts, "journal" | "openStore" | "book">,
  signal: AbortSignal,
): Discard {
  return async (record) => {
    const begun = itemsBegun(ports.journal, record);
    for await (const row of begun) {
      const { send, fetch, otherName } = readResume(row.resume);
      if (fetch !== null) await removePartFile(fetch.part);
      if (send === null || send.step === "intent" || record.spec.kind === "download") continue;
      const { store } = await ports.openStore(
        profileIdOf(record.spec),
        bucketOf(record.spec),
        signal,
      );
      const key = keyFor(record.spec, otherName ?? row.name);
      await abort(store, { key, uploadId: send.uploadId }, signal);
    }
    await ports.book.log(record.id, "info", "What was moved so far is removed.");
  };
}

async function abort(
  store: Store,
  upload: { key: string; uploadId: string },
  signal: AbortSignal,
): Promise<void> {
  await store.abort(upload, signal);
}

async function* itemsBegun(
  journal: Pick<Journal, "items">,
  { id }: TransferRecord,
): AsyncGenerator<ItemRow> {
  for (let afterIndex = -1; ;) {
    const rows = await journal.items({ transferId: id, afterIndex, limit: PAGE });
    yield* rows.filter(({ resume }) => resume !== null);
    afterIndex = rows.at(-1)?.index ?? afterIndex;
    if (rows.length < PAGE) return;
  }
}
