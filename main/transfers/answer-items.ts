import type { ConflictAnswer, TransferId } from "#shared/transfer.ts";
import type { Journal, JournalChange } from "./journal.ts";
import { readResume } from "./item-record.ts";

const PAGE = 500;

/** Notes a person's answer on every item that asks, so that it holds when the item moves. */
export async function answerItems(
  journal: Pick<Journal, "items" | "commit">,
  transferId: TransferId,
  answer: ConflictAnswer,
): Promise<void> {
  for (let afterIndex = -1; ;) {
    const rows = await journal.items({ transferId, phases: ["asking"], afterIndex, limit: PAGE });
    const changes = rows.map<JournalChange>(({ index, resume }) => ({
      type: "item-changed",
      transferId,
      index,
      resume: { ...readResume(resume), answer },
    }));
    if (changes.length > 0) await journal.commit(changes);
    afterIndex = rows.at(-1)?.index ?? afterIndex;
    if (rows.length < PAGE) return;
  }
}
