import { describe, expect, it } from "vitest";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { amountText, rowPercent, spokenRow, variantText } from "./row-text.ts";

const queued = { phase: "queued", cause: null } as const;
const done = { phase: "done", atMs: 0 } as const;

describe("the amount", () => {
  it.each([
    ["moving", makeTransfer("a", { total: 42.5, done: 19.6 }), "19.6 of 42.5 GB", 46],
    ["untouched", makeTransfer("a", { total: 34.8 }, { state: queued }), "34.8 GB", null],
    ["just begun", makeTransfer("a", { total: 34.8 }), "34.8 GB", 0],
    ["done", makeTransfer("a", { total: 16.1, done: 16.1 }, { state: done }), "16.1 GB", null],
    [
      "being listed",
      makeTransfer("a", { total: 9, done: 3 }, { isListing: true }),
      "3.0 of ~9 GB",
      null,
    ],
    ["not yet found", makeTransfer("a", { total: 0 }, { isListing: true }), "", null],
  ])("of one that is %s", (_what, view, amount, percent) => {
    expect(amountText(view, "decimal")).toBe(amount);
    expect(rowPercent(view)).toBe(percent);
  });
});

describe("beside the name", () => {
  it.each([
    [{ itemCount: 1 }, ""],
    [{ itemCount: 14 }, "14 files"],
    [{ itemCount: 1_204, doneItemCount: 28 }, "28 of 1,204 files"],
    [{ itemCount: 17, doneItemCount: 17, state: done }, "17 files"],
  ])("%j reads %j", (counts, text) => {
    expect(variantText(makeTransfer("a", { total: 1 }, counts))).toBe(text);
  });
});

describe("a row for a screen reader", () => {
  it("is one sentence: what, where to, how far, why", () => {
    const view = makeTransfer("Llama.gguf", { total: 42.5, done: 19.6 });
    const text = { sentence: "4 min left", rate: "95.8 MB/s" };
    expect(spokenRow(view, text, null, "decimal")).toBe(
      "Download Llama.gguf, from company-models/models to /home/mira/Models, 46 percent of 42.5 GB, 95.8 MB/s, 4 min left",
    );
  });

  it("leaves out what there is none of", () => {
    const view = makeTransfer("a", { total: 1 }, { direction: "upload", state: queued });
    expect(spokenRow(view, { sentence: "Next.", rate: null }, null, "decimal")).toBe(
      "Upload a, from company-models/models to /home/mira/Models, 1 GB, Next.",
    );
  });
});
