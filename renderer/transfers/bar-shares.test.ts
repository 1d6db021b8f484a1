import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { barShares } from "./bar-shares.ts";

describe("the bar", () => {
  it("parts what was here, what moved and what is on the wire", () => {
    const view = makeTransfer("a", { total: 10, done: 5, kept: 2, flight: 1 });
    expect(barShares(view)).toEqual({ kept: 20, moved: 30, flight: 10 });
  });

  it.each([
    ["the whole is unknown", { isListing: true }],
    ["it is done", { state: { phase: "done", atMs: 0 } as const }],
    ["it holds no byte", { totalBytes: 0 }],
    [
      "it has not begun",
      { doneBytes: 0, inFlightBytes: 0, state: { phase: "queued", cause: null } as const },
    ],
  ])("is left out while %s", (_when, change) => {
    expect(barShares({ ...makeTransfer("a", { total: 10, done: 5 }), ...change })).toBeNull();
  });

  it("never runs over its end, whatever the figures are", () => {
    fc.assert(
      fc.property(
        fc.record({
          totalBytes: fc.integer({ min: 1, max: 1e13 }),
          doneBytes: fc.nat(2e13),
          keptBytes: fc.nat(2e13),
          inFlightBytes: fc.nat(2e13),
        }),
        (bytes) => {
          const shares = barShares({ ...makeTransfer("a", { total: 1 }), ...bytes });
          const { kept, moved, flight } = shares ?? { kept: 0, moved: 0, flight: 0 };
          expect(Math.min(kept, moved, flight)).toBeGreaterThanOrEqual(0);
          expect(kept + moved + flight).toBeLessThanOrEqual(100.000001);
        },
      ),
    );
  });
});
