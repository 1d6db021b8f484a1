import { describe, expect, it } from "vitest";
import type { Cause, TransferView } from "#shared/transfer.ts";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { answersTo, forAllText, isConflict } from "./answers.ts";

const view = makeTransfer("a", { total: 4, done: 1 });
const paused = (cause: Cause): TransferView => ({
  ...view,
  state: { phase: "paused", cause, sinceMs: 0, error: null },
});
const error = { code: "internal", message: "", details: {} } as const;
const labels = (of: TransferView) => answersTo(of).map(({ label }) => label);

describe("what can be answered", () => {
  it.each<[Cause, readonly string[]]>([
    ["credentials", ["Open company", "Try again"]],
    ["disk", ["Try again", "Storage", "Cancel…"]],
    ["source-changed", ["Send what is there now", "Cancel…"]],
    ["object-changed", ["Get what is there now", "Cancel…"]],
    ["upload-gone", ["Send it again", "Cancel…"]],
    ["folder-missing", ["Try again", "Cancel…"]],
    ["drop", ["Cancel…"]],
    ["user", []],
    ["offline", []],
  ])("when it rests for %s is %j", (cause, answers) => {
    expect(labels(paused(cause))).toEqual(answers);
  });

  it("has one filled button at most, and a consequence for each", () => {
    const causes: readonly Cause[] = ["credentials", "disk", "upload-gone"];
    for (const answers of causes.map((cause) => answersTo(paused(cause)))) {
      expect(answers.filter(({ isPrimary }) => isPrimary)).toHaveLength(1);
      for (const { consequence } of answers) expect(consequence).toMatch(/\.$/);
    }
  });

  it("after a failure is to try again", () => {
    const failed = { ...view, state: { phase: "failed", atMs: 0, error } as const };
    expect(answersTo(failed)).toMatchObject([{ label: "Try again", act: { kind: "retry" } }]);
  });

  it("is to retry at once while the next try is waited for", () => {
    const retry = { attempt: 3, atMs: 0, part: 214, error } as const;
    const activity = { kind: "stalled", sinceMs: 0, retry } as const;
    const stalled = { ...view, state: { phase: "running", activity } as const };
    expect(answersTo(stalled)).toMatchObject([{ label: "Retry now", act: { kind: "resume" } }]);
  });

  it("is nothing while it moves", () => {
    expect(labels(view)).toEqual([]);
  });
});

describe("a conflict", () => {
  const asking = { ...view, itemCount: 31, askingItemCount: 7 };

  it("comes before everything else, and none of its answers is suggested", () => {
    const answers = answersTo({ ...paused("disk"), askingItemCount: 1 });
    expect(answers.map(({ label }) => label)).toEqual(["Replace", "Keep both", "Skip"]);
    expect(answers.some(({ isPrimary }) => isPrimary)).toBe(false);
  });

  it("is over when the transfer has settled", () => {
    expect(isConflict(asking)).toBe(true);
    expect(isConflict({ ...asking, state: { phase: "done", atMs: 0 } })).toBe(false);
  });

  it.each([
    [{ itemCount: 31, askingItemCount: 7 }, "Same for all that come later"],
    [{ itemCount: 7, askingItemCount: 7 }, "Same for all 7"],
    [{ itemCount: 7, askingItemCount: 7, isListing: true }, "Same for all that come later"],
    [{ itemCount: 1, askingItemCount: 1 }, null],
  ])("offers the same answer for more where there is more (%j)", (counts, text) => {
    expect(forAllText({ ...view, ...counts })).toBe(text);
  });

  it("about a folder to unpack into deletes nothing, whatever the answer", () => {
    const came = { kind: "asking", note: "/d/bert holds other files" } as const;
    const unpack = { destination: "/d/bert", method: "auto", came } as const;
    expect(labels({ ...view, askingItemCount: 1, unpack })).toEqual([
      "Replace, keep the old aside",
      "Keep both",
      "Skip unpacking",
    ]);
    // Its file was in the way: that is another question.
    const ofFile = { ...view, askingItemCount: 1, unpack: { ...unpack, came: null } };
    expect(labels(ofFile)).toEqual(["Replace", "Keep both", "Skip"]);
  });

  it("says what happens to which side", () => {
    const [up] = answersTo({ ...asking, direction: "upload" });
    const [down] = answersTo(asking);
    expect(up?.consequence).toContain("The bucket's content goes");
    expect(down?.consequence).toContain("The folder's content goes");
  });
});
