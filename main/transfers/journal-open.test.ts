import { describe, expect, it } from "vitest";
import { FakeClock } from "../flow/fake-clock.ts";
import { aTransferRow } from "./journal-fixtures.ts";
import { openJournalHere } from "./journal-open.ts";
import { describeJournal } from "./journal-suite.ts";

describeJournal("a journal in this thread", async () => openJournalHere(new FakeClock()));

describe("a closed journal", () => {
  it("takes no more, as a wish and not as a failure", async () => {
    const journal = openJournalHere(new FakeClock());
    await journal.close();
    const late = journal.commit([{ type: "transfer-put", row: aTransferRow() }]);
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
  });

  it("answers no more, as a wish and not as a failure", async () => {
    const journal = openJournalHere(new FakeClock());
    await journal.commit([{ type: "transfer-put", row: aTransferRow() }]);
    const asked = journal.transfers();
    const closing = journal.close();
    expect(await asked).toEqual([aTransferRow()]);
    await closing;
    const { id } = aTransferRow();
    const late = [
      journal.transfers(),
      journal.items({ transferId: id, limit: 1 }),
      journal.itemTotals(id),
      journal.parts(id, 0),
      journal.arrivals(["key"]),
      journal.log(id, 1),
    ];
    for (const one of late) await expect(one).rejects.toMatchObject({ name: "AbortError" });
  });
});
