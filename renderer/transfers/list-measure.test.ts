import { describe, expect, it } from "vitest";
import { idAt } from "../fixture/make-transfer.ts";
import type { ListGroup } from "./list-layout.ts";
import { measureList, rowsWithin } from "./list-measure.ts";

const row = (position: number, isAsking = false) => ({
  id: idAt(position),
  isAsking,
  isAskedAbove: false,
  isNext: false,
});
const groups: readonly ListGroup[] = [
  { name: "asking", title: "Needs you", rows: [row(1, true)] },
  { name: "active", title: "Active", rows: [row(2), row(3)] },
];

describe("heights", () => {
  it("are known from the look, with a strip for answers", () => {
    const [asking, active] = measureList(groups, "comfortable", 1);
    expect(asking).toMatchObject({
      top: 0,
      height: 128,
      rows: [{ index: 0, top: 28, height: 100 }],
    });
    expect(active).toMatchObject({
      top: 128,
      height: 156,
      rows: [
        { index: 1, top: 28, height: 64 },
        { index: 2, top: 92, height: 64 },
      ],
    });
  });

  it("are smaller in a compact list and larger with larger text", () => {
    expect(measureList(groups, "compact", 1).map(({ height }) => height)).toEqual([104, 108]);
    expect(measureList(groups, "comfortable", 1.5).map(({ height }) => height)).toEqual([192, 234]);
  });
});

describe("what is drawn", () => {
  const [part] = measureList(
    [
      {
        name: "active",
        title: "Active",
        rows: Array.from({ length: 100 }, (_none, at) => row(at)),
      },
    ],
    "comfortable",
    1,
  );
  if (!part) throw new Error("nothing was measured");
  const indices = (start: number, end: number, kept: number | null = null) =>
    rowsWithin(part, { start, end }, kept === null ? null : idAt(kept)).map(({ index }) => index);

  it("is what touches the window", () => {
    expect(indices(0, 28 + 64 * 2)).toEqual([0, 1]);
    expect(indices(28 + 64 * 50 + 1, 28 + 64 * 52 - 1)).toEqual([50, 51]);
  });

  it("is nothing where the window is elsewhere", () => {
    expect(indices(1e6, 2e6)).toEqual([]);
  });

  it("always holds the row with the focus", () => {
    expect(indices(0, 28 + 64, 99)).toEqual([0, 99]);
  });
});
