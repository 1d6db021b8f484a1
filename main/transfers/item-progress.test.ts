import { describe, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { ItemProgress, PartCells } from "./item-progress.ts";

const range = (start: number, end: number) => ({ start: start * MiB, end: end * MiB });

describe("ItemProgress", () => {
  it("adds up what is done, and takes back what turned out wrong", () => {
    const item = new ItemProgress(64 * MiB, 0);
    item.done(range(0, 32));
    item.undone(range(16, 32));
    expect(item.doneBytes).toBe(16 * MiB);
  });

  it("is ahead of what is counted already by what is new alone", () => {
    const item = new ItemProgress(64 * MiB, 32 * MiB);
    item.done(range(0, 16));
    expect(item.aheadBytes).toBe(0);
    item.done(range(16, 48));
    expect(item.aheadBytes).toBe(16 * MiB);
  });

  it("names the retry that comes first", () => {
    const item = new ItemProgress(64 * MiB, 0);
    const error = { code: "unreachable", message: "reset", details: {} } as const;
    item.retrying({ attempt: 2, atMs: 900, part: 2, error });
    item.retrying({ attempt: 3, atMs: 500, part: 1, error });
    expect(item.retries.map(({ part }) => part)).toEqual([1, 2]);
    item.retried(1);
    expect(item.retries.map(({ part }) => part)).toEqual([2]);
  });
});

describe("PartCells", () => {
  it("draws a cell a part while there are few", () => {
    const cells = new PartCells(80 * MiB);
    cells.add(range(0, 16), 1);
    cells.add(range(16, 20), 1);
    expect(cells.draw([range(32, 48)], [range(48, 64)])).toBe("#->!.");
  });

  it("calls a short last part done when all of it is", () => {
    const cells = new PartCells(17 * MiB);
    cells.add(range(0, 17), 1);
    expect(cells.draw([], [])).toBe("##");
  });

  it("never draws more than 700 cells, whatever the size", () => {
    const cells = new PartCells(3 * 1024 * 1024 * MiB);
    expect(cells.draw([], []).length).toBeLessThanOrEqual(700);
    expect(cells.partsPerCell).toBeGreaterThan(1);
  });

  it("has a cell for an empty file", () => {
    expect(new PartCells(0).draw([], []).length).toBe(1);
  });
});
