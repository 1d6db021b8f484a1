import { describe, expect, it } from "vitest";
import type { ItemPhase, ItemView } from "#shared/transfer.ts";
import { LonghaulError } from "#shared/errors.ts";
import { idAt } from "../../fixture/make-transfer.ts";
import { fakeHost } from "../../host/fake-host.ts";
import { ItemPages, PAGE_SIZE } from "./item-pages.ts";

const id = idAt(1);
const itemAt = (index: number, name = `file-${index}`): ItemView => ({
  index,
  name,
  sizeBytes: 1,
  doneBytes: 0,
  phase: "waiting",
  error: null,
  note: null,
  receipt: null,
});

function setUp(total = 10_000, phases: readonly ItemPhase[] = []) {
  const offsets: number[] = [];
  const state = { name: "file", isAway: false, changes: 0 };
  const { call } = fakeHost({
    "transfer.items": ({ offset, limit }) => {
      offsets.push(offset);
      if (state.isAway) return new LonghaulError("unreachable", "away");
      const count = Math.max(0, Math.min(limit, total - offset));
      const items = Array.from({ length: count }, (_none, at) =>
        itemAt(offset + at, `${state.name}-${offset + at}`),
      );
      return { items, total };
    },
  });
  const pages = new ItemPages({ call, onEvent: () => () => undefined }, { id, phases }, () => {
    state.changes += 1;
  });
  return { pages, offsets, state };
}

describe("looking", () => {
  it("asks for the page on screen, and knows the whole's length from it", async () => {
    const { pages, offsets, state } = setUp();
    expect(pages.at(3)).toBeUndefined();
    await pages.look(0, 20);
    expect(pages.at(3)?.name).toBe("file-3");
    expect(pages.total).toBe(10_000);
    expect(offsets).toEqual([0]);
    expect(state.changes).toBe(1);
  });

  it("asks for both where the screen lies over an edge, and never for what it has", async () => {
    const { pages, offsets } = setUp();
    await pages.look(PAGE_SIZE - 5, PAGE_SIZE + 5);
    await pages.look(PAGE_SIZE - 5, PAGE_SIZE + 5);
    expect(offsets).toEqual([0, PAGE_SIZE]);
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
    expect(pages.at(0)?.name).toBe("file-0");
    expect(offsets).toEqual([0, 0]);
  });
});

describe("changes", () => {
  it("leave what is shown until its page is on screen again", async () => {
    const { pages, offsets, state } = setUp();
    await pages.look(0, 20);
    await pages.look(5_000, 5_020);
    state.name = "renamed";
    pages.markStale();
    expect(pages.at(3)?.name).toBe("file-3");
    await pages.look(5_000, 5_020);
    expect(pages.at(5_000)?.name).toBe("renamed-5000");
    expect(pages.at(3)?.name).toBe("file-3");
    expect(offsets).toEqual([0, 5_000, 5_000]);
  });
});

describe("a million files", () => {
  it("keep few pages here, those seen last", async () => {
    const { pages } = setUp(1_000_000);
    for (let page = 0; page < 100; page++) await pages.look(page * PAGE_SIZE, page * PAGE_SIZE + 1);
    const kept = Array.from({ length: 100 }, (_none, page) => page).filter((page) =>
      pages.at(page * PAGE_SIZE),
    );
    expect(kept).toEqual(Array.from({ length: 20 }, (_none, at) => 80 + at));
  });

  it("keep the page that was looked at again", async () => {
    const { pages } = setUp(1_000_000);
    await pages.look(0, 1);
    for (let page = 1; page < 30; page++) {
      await pages.look(page * PAGE_SIZE, page * PAGE_SIZE + 1);
      await pages.look(0, 1);
    }
    expect(pages.at(0)).toBeDefined();
    expect(pages.at(PAGE_SIZE)).toBeUndefined();
  });
});
