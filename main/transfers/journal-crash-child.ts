import { systemClock } from "../flow/clock.ts";
import { aTransferId, aTransferOf, someItems } from "./journal-fixtures.ts";
import { openJournal } from "./journal-open.ts";

/**
 * Run by the crash test as a process of its own: commits until it is killed, and prints the number
 * of each commit once that is durable. Every commit adds item `n` and finishes item `n - 1`.
 */
async function commitForEver(path: string): Promise<void> {
  const { journal } = await openJournal(path, systemClock);
  const transferId = aTransferId(1);
  await journal.commit(aTransferOf(0));
  for (let number = 0; ; number += 1) {
    await journal.commit([
      { type: "items-added", transferId, items: someItems(1, { from: number }) },
      { type: "item-changed", transferId, index: number - 1, phase: "done" },
    ]);
    process.stdout.write(`${number}\n`);
  }
}

await commitForEver(process.argv[2] ?? "");
