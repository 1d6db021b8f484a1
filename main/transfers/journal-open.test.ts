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
});
