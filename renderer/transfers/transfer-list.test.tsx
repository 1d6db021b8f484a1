import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act } from "react";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { idAt, makeTransfer } from "../fixture/make-transfer.ts";
import { render } from "../fixture/render.tsx";
import { mergeTransfers } from "../state/transfer-store.ts";
import { useListStore } from "./list-store.ts";
import { TransfersScreen } from "./transfers-screen.tsx";

const queued = { phase: "queued", cause: null } as const;
const views: readonly TransferView[] = [
  makeTransfer("asks.bin", { total: 9, done: 3 }, { itemCount: 4, askingItemCount: 2 }),
  makeTransfer("moves.bin", { total: 4, done: 1 }, { bytesPerSecond: 2e6, secondsLeft: 240 }),
  makeTransfer("waits.bin", { total: 5 }, { state: queued }),
];
const [asks, moves, waits] = [0, 1, 2].map((index) => views[index]?.id ?? idAt(0)) as [
  TransferId,
  TransferId,
  TransferId,
];

let page: Awaited<ReturnType<typeof render>>;
const rows = () => [...document.querySelectorAll<HTMLElement>('[role="row"]')];
const rowOf = (id: string | undefined) => rows().find((row) => row.dataset["id"] === id);
const focusedRow = () => (document.activeElement as HTMLElement | null)?.dataset["id"];
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);

beforeEach(async () => {
  useListStore.setState({
    filter: { segment: "all", text: "" },
    current: null,
    selected: new Set(),
    isDetailOpen: false,
    canceling: [],
  });
  page = await render(<TransfersScreen />, views);
});
afterEach(() => page.close());

describe("the list", () => {
  it("is a grid whose rows are sentences, with one tab stop", () => {
    const grid = document.querySelector('[role="grid"]');
    expect(grid?.getAttribute("aria-rowcount")).toBe("3");
    expect(rows().map((row) => row.getAttribute("aria-rowindex"))).toEqual(["1", "2", "3"]);
    expect(rowOf(moves)?.getAttribute("aria-label")).toContain(
      "Download moves.bin, from company-models/models to /home/mira/Models, 25 percent of 4 GB, 2 MB/s, 4 min left",
    );
    expect(rows().map((row) => row.tabIndex)).toEqual([0, -1, -1]);
    expect(
      [...document.querySelectorAll('[role="row"] button')].every(
        (one) => one instanceof HTMLElement && one.tabIndex === -1,
      ),
    ).toBe(true);
  });

  it("draws again only the row that changed", async () => {
    const before = rowOf(waits)?.outerHTML;
    const touched: Node[] = [];
    const watcher = new MutationObserver((changes) => {
      for (const { target } of changes) touched.push(target);
    });
    const grid = document.querySelector('[role="grid"]');
    if (grid)
      watcher.observe(grid, {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      });
    await act(async () => {
      const view = views[1];
      if (view) mergeTransfers([{ ...view, doneBytes: 2e9 }], []);
    });
    expect(rowOf(moves)?.textContent).toContain("50 %");
    expect(rowOf(waits)?.outerHTML).toBe(before);
    expect(touched.every((node) => rowOf(moves)?.contains(node))).toBe(true);
    watcher.disconnect();
  });
});

describe("rows that wait for the same sign-in", () => {
  it("say so and ask nothing: the bar above them asks", async () => {
    const state = { phase: "paused", cause: "credentials", sinceMs: 0, error: null } as const;
    const both = views.slice(1).map((view) => ({ ...view, state }));
    await act(async () => mergeTransfers(both, []));
    for (const id of [moves, waits]) {
      expect(rowOf(id)?.textContent).toContain("Waits for the sign-in to company.");
      expect(rowOf(id)?.textContent).not.toContain("Try again");
    }
    expect(document.querySelector('[role="alert"]')?.textContent).toContain("Try again");
  });
});

describe("keys", () => {
  it("move the focus and the selection along", async () => {
    rowOf(asks)?.focus();
    await page.press("ArrowDown");
    expect(focusedRow()).toBe(moves);
    await page.press("End");
    expect(focusedRow()).toBe(waits);
    expect(rows().filter((row) => row.getAttribute("aria-selected") === "true")).toHaveLength(1);
  });

  it("extend with Shift, and a command holds for all of it", async () => {
    rowOf(moves)?.focus();
    await page.press("Home");
    await page.press("ArrowDown");
    await page.press("ArrowDown", { shiftKey: true });
    await page.press(" ");
    expect(callsOf("transfer.pause").map(({ input }) => input)).toEqual([
      { id: moves },
      { id: waits },
    ]);
  });

  it("keep the focus on a row that moves to another group", async () => {
    rowOf(moves)?.focus();
    await act(async () => useListStore.getState().select(moves));
    await act(async () => {
      const view = views[1];
      const state = { phase: "paused", cause: "user", sinceMs: 0, error: null } as const;
      if (view) mergeTransfers([{ ...view, state }], []);
    });
    expect(rowOf(moves)?.textContent).toContain("Paused by you");
    expect(focusedRow()).toBe(moves);
  });

  it("give the place of a row that left to its neighbour", async () => {
    rowOf(moves)?.focus();
    await act(async () => useListStore.getState().select(moves));
    await act(async () => mergeTransfers([], [moves]));
    expect(focusedRow()).toBe(waits);
  });

  it("reach the answers of a row by the right arrow, and come back by Escape", async () => {
    rowOf(asks)?.focus();
    await page.press("ArrowRight");
    expect(document.activeElement?.textContent).toBe("Replace");
    await page.press("ArrowRight");
    expect(document.activeElement?.textContent).toBe("Keep both");
    await page.press("Escape");
    expect(focusedRow()).toBe(asks);
  });
});

describe("keys for commands", () => {
  it("order the queue", async () => {
    rowOf(waits)?.focus();
    await page.press("ArrowUp", { altKey: true });
    await page.press("ArrowUp", { altKey: true, shiftKey: true });
    expect(callsOf("transfer.move").map(({ input }) => input)).toEqual([
      { id: waits, to: "up" },
      { id: waits, to: "top" },
    ]);
  });

  it("open and close the details", async () => {
    rowOf(moves)?.focus();
    await page.press("Enter");
    expect(document.querySelector("aside h2")?.textContent).toBe("moves.bin");
    await page.press("Enter");
    expect(document.querySelector("aside")).toBeNull();
  });
});

describe("a question", () => {
  it("is answered in its row, for all that come later too", async () => {
    const replace = [...(rowOf(asks)?.querySelectorAll("button") ?? [])].find(
      (button) => button.textContent === "Replace",
    );
    await page.click(replace);
    expect(callsOf("transfer.answer").map(({ input }) => input)).toEqual([
      { id: asks, answer: "replace", forAll: true },
    ]);
  });
});

describe("canceling", () => {
  it("asks nothing where nothing has moved", async () => {
    rowOf(waits)?.focus();
    await page.press("Delete");
    expect(callsOf("transfer.cancel").map(({ input }) => input)).toEqual([
      { id: waits, keepParts: false },
    ]);
  });

  it("asks what to do with what has moved, and keeps it unless told", async () => {
    rowOf(moves)?.focus();
    await page.press("Delete");
    expect(callsOf("transfer.cancel")).toEqual([]);
    const dialog = document.querySelector('[role="dialog"]');
    expect(dialog?.textContent).toContain("Keep what is here, 1 GB");
    await page.click(
      [...(dialog?.querySelectorAll("button") ?? [])].find(
        (button) => button.textContent === "Cancel transfer",
      ),
    );
    expect(callsOf("transfer.cancel").map(({ input }) => input)).toEqual([
      { id: moves, keepParts: true },
    ]);
  });
});

describe("the menu", () => {
  it("opens by key, is walked by arrows, and gives the focus back", async () => {
    rowOf(moves)?.focus();
    await page.press("F10", { shiftKey: true });
    expect(document.activeElement?.textContent).toContain("Pause");
    await page.press("ArrowDown");
    expect(document.activeElement?.textContent).toContain("Details");
    await page.press("Escape");
    expect(document.querySelector('[role="menu"]')).toBeNull();
    expect(focusedRow()).toBe(moves);
  });

  it("does what was picked", async () => {
    rowOf(moves)?.focus();
    await page.press("ContextMenu");
    await page.click(document.querySelector('[role="menuitem"]'));
    expect(callsOf("transfer.pause").map(({ input }) => input)).toEqual([{ id: moves }]);
  });
});

describe("the filter", () => {
  it("says that nothing matches, and offers everything again", async () => {
    await act(async () => useListStore.getState().setFilter({ text: "zebra" }));
    expect(document.querySelector("main")?.textContent).toContain("Nothing here matches");
    const all = [...document.querySelectorAll("button")].find(
      (button) => button.textContent === "Show all",
    );
    await page.click(all);
    expect(rows()).toHaveLength(3);
  });
});

describe("the cap of a transfer", () => {
  const panel = () => document.querySelector('[role="dialog"]');
  const field = () => panel()?.querySelector("input");
  const write = (typed: string) =>
    act(async () => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(
        field(),
        typed,
      );
      field()?.dispatchEvent(new Event("input", { bubbles: true }));
    });
  const submit = () => act(async () => panel()?.querySelector("form")?.requestSubmit());

  it("is set by L on the row with the focus, shown as a badge, and lifted by the badge", async () => {
    await act(async () => rowOf(moves)?.focus());
    await page.press("l");
    expect(panel()?.getAttribute("aria-label")).toBe("Limit moves.bin");
    await write("16");
    expect(panel()?.textContent).toContain("unit");
    await submit();
    expect(callsOf("transfer.cap")).toEqual([]);
    await write("16MB");
    await submit();
    expect(callsOf("transfer.cap")).toMatchObject([
      { input: { id: moves, bytesPerSecond: 16_000_000 } },
    ]);
    expect(panel()).toBeNull();
    expect(focusedRow()).toBe(moves);
    const view = views[1];
    await act(async () => mergeTransfers(view ? [{ ...view, capBytesPerSecond: 16e6 }] : [], []));
    expect(rowOf(moves)?.getAttribute("aria-label")).toContain("limited to 16 MB/s");
    await page.click(rowOf(moves)?.querySelector('[data-command="limit"]'));
    const lift = [...(panel()?.querySelectorAll("button") ?? [])].find(
      (one) => one.textContent === "Lift the limit",
    );
    await page.click(lift);
    expect(callsOf("transfer.cap").at(-1)).toMatchObject({
      input: { id: moves, bytesPerSecond: null },
    });
  });

  it("is that of all that are selected, and closes by Escape without a word", async () => {
    await act(async () => rowOf(moves)?.focus());
    await act(async () => useListStore.setState({ selected: new Set([moves, waits]) }));
    await page.press("L");
    expect(panel()?.getAttribute("aria-label")).toBe("Limit 2 transfers");
    await act(async () => field()?.focus());
    await page.press("Escape");
    expect(panel()).toBeNull();
    expect(callsOf("transfer.cap")).toEqual([]);
  });
});
