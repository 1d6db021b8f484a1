import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { RowPages } from "./row-pages.ts";

const PAGE_ROWS = 200;

function setUp(total = 10_000) {
  const offsets: number[] = [];
  const state = { name: "file", isAway: false, changes: 0 };
  const ask = async (offset: number, limit: number) => {
    offsets.push(offset);
    if (state.isAway) throw new LonghaulError("unreachable", "away");
    const count = Math.max(0, Math.min(limit, total - offset));
    const rows = Array.from({ length: count }, (_none, at) => `${state.name}-${offset + at}`);
    return { rows, total };
  };
  const pages = new RowPages(ask, PAGE_ROWS, () => {
    state.changes += 1;
  });
  return { pages, offsets, state };
}

describe("looking", () => {
  it("asks for the page on screen, and knows the whole's length from it", async () => {
    const { pages, offsets, state } = setUp();
    expect(pages.at(3)).toBeUndefined();
    await pages.look(0, 20);
    expect(pages.at(3)).toBe("file-3");
    expect(pages.total).toBe(10_000);
    expect(offsets).toEqual([0]);
    expect(state.changes).toBe(1);
  });

  it("asks for both where the screen lies over an edge, and never for what it has", async () => {
    const { pages, offsets } = setUp();
    await pages.look(PAGE_ROWS - 5, PAGE_ROWS + 5);
    await pages.look(PAGE_ROWS - 5, PAGE_ROWS + 5);
    expect(offsets).toEqual([0, PAGE_ROWS]);
  });

  it("does not ask a second time while the answer is on its way", async () => {
    const { pages, offsets } = setUp();
    await Promise.all([pages.look(0, 20), pages.look(0, 20), pages.look(5, 25)]);
    expect(offsets).toEqual([0]);
  });

  it("asks again after the host was away", async () => {
    const { pages, offsets, state } = setUp();
    state.isAway = true;
    await pages.look(0, 20);
    expect(pages.at(0)).toBeUndefined();
    state.isAway = false;
    await pages.look(0, 20);
    expect(pages.at(0)).toBe("file-0");
    expect(offsets).toEqual([0, 0]);
  });

  it("says once why no answer came, so that drawing it does not ask without a rest", async () => {
    const { pages, state } = setUp();
    state.isAway = true;
    await pages.look(0, 20);
    await pages.look(0, 20);
    expect(pages.error?.code).toBe("unreachable");
    expect(pages.total).toBeNull();
    expect(state.changes).toBe(1);
    state.isAway = false;
    await pages.look(0, 20);
    expect(pages.error).toBeNull();
  });
});

describe("changes", () => {
  it("leave what is shown until its page is on screen again", async () => {
    const { pages, offsets, state } = setUp();
    await pages.look(0, 20);
    await pages.look(5_000, 5_020);
    state.name = "renamed";
    pages.markStale();
    expect(pages.at(3)).toBe("file-3");
    await pages.look(5_000, 5_020);
    expect(pages.at(5_000)).toBe("renamed-5000");
    expect(pages.at(3)).toBe("file-3");
    expect(offsets).toEqual([0, 5_000, 5_000]);
  });

  it("make an answer old that was on its way", async () => {
    const { pages, offsets, state } = setUp();
    const looking = pages.look(0, 20);
    pages.markStale();
    await looking;
    state.name = "renamed";
    await pages.look(0, 20);
    expect(pages.at(3)).toBe("renamed-3");
    expect(offsets).toEqual([0, 0]);
  });
});

describe("a million files", () => {
  it("keep few pages here, those seen last", async () => {
    const { pages } = setUp(1_000_000);
    for (let page = 0; page < 100; page++) await pages.look(page * PAGE_ROWS, page * PAGE_ROWS + 1);
    const kept = Array.from({ length: 100 }, (_none, page) => page).filter((page) =>
      pages.at(page * PAGE_ROWS),
    );
    expect(kept).toEqual(Array.from({ length: 20 }, (_none, at) => 80 + at));
  });

  it("keep the page that was looked at again", async () => {
    const { pages } = setUp(1_000_000);
    await pages.look(0, 1);
    for (let page = 1; page < 30; page++) {
      await pages.look(page * PAGE_ROWS, page * PAGE_ROWS + 1);
      await pages.look(0, 1);
    }
    expect(pages.at(0)).toBeDefined();
    expect(pages.at(PAGE_ROWS)).toBeUndefined();
  });
});
