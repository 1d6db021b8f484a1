import { afterEach, expect, it, vi } from "vitest";
import { act } from "react";
import { render } from "../fixture/render.tsx";
import { VirtualGrid } from "./virtual-grid.tsx";

let page: Awaited<ReturnType<typeof render>>;
const NAMES = Array.from({ length: 10_000 }, (_none, at) => `row ${at}`);
const rows = () => [...document.querySelectorAll<HTMLElement>('[role="row"][aria-label]')];
const focused = () => document.activeElement?.getAttribute("aria-label");

function Name({ row }: { readonly row: string }) {
  return <span role="gridcell">{row}</span>;
}

type Extra = Partial<Parameters<typeof VirtualGrid<string>>[0]>;

async function show(extra: Extra = {}) {
  page = await render(
    <VirtualGrid
      label="Names"
      columns={undefined}
      head={<span role="columnheader">Name</span>}
      rows={NAMES}
      labelOf={(row) => row}
      Cells={Name}
      onRowKey={() => undefined}
      {...extra}
    />,
  );
}

afterEach(() => page.close());

it("draws a few of ten thousand rows, and says how many there are", async () => {
  await show();
  expect(rows().length).toBeLessThan(60);
  const grid = document.querySelector('[role="grid"]');
  expect(grid?.getAttribute("aria-rowcount")).toBe("10001");
  expect(rows()[0]?.getAttribute("aria-rowindex")).toBe("2");
});

it("says that there are more than it knows of", async () => {
  await show({ isOpenEnded: true });
  expect(document.querySelector('[role="grid"]')?.getAttribute("aria-rowcount")).toBe("-1");
});

it("has one tab stop, which the keys move", async () => {
  await show();
  const stops = () => rows().filter((row) => row.tabIndex === 0);
  expect(stops()).toHaveLength(1);
  await act(async () => stops()[0]?.focus());
  await page.press("ArrowDown");
  await page.press("ArrowDown");
  expect(focused()).toBe("row 2");
  expect(stops()).toHaveLength(1);
  await page.press("End");
  expect(focused()).toBe("row 9999");
  await page.press("Home");
  expect(focused()).toBe("row 0");
});

it("hands over what moving with Shift passed, both ends with it", async () => {
  const onExtend = vi.fn<(passed: readonly string[]) => void>();
  await show({ onExtend });
  await act(async () => rows()[0]?.focus());
  await page.press("ArrowDown", { shiftKey: true });
  expect(onExtend.mock.calls).toEqual([[["row 0", "row 1"]]]);
});

it("leaves other keys, and those with Ctrl, to its owner", async () => {
  const keys: string[] = [];
  await show({ onRowKey: (event, row) => keys.push(`${event.key} ${row}`) });
  await act(async () => rows()[1]?.focus());
  await page.press("x");
  await page.press("ArrowDown", { ctrlKey: true });
  expect(keys).toEqual(["x row 1", "ArrowDown row 1"]);
  expect(focused()).toBe("row 1");
});

it("says which rows are selected, where rows can be", async () => {
  await show({ isSelected: (row) => row === "row 1" });
  expect(
    rows()
      .slice(0, 2)
      .map((row) => row.getAttribute("aria-selected")),
  ).toEqual(["false", "true"]);
  expect(document.querySelector('[role="grid"]')?.getAttribute("aria-multiselectable")).toBe(
    "true",
  );
});

it("asks for more when the end is near, and not before", async () => {
  const onEndNear = vi.fn<() => void>();
  await show({ onEndNear });
  expect(onEndNear).not.toHaveBeenCalled();
  await page.close();
  await show({ onEndNear, rows: NAMES.slice(0, 10) });
  expect(onEndNear).toHaveBeenCalled();
});

it("takes the focus where it is asked to, once there are rows", async () => {
  await show({ hasFocus: true });
  expect(focused()).toBe("row 0");
});

it("comes to the last of a million rows, which it never has all at once", async () => {
  const asked: number[] = [];
  const at = (index: number) => {
    asked.push(index);
    return `row ${index}`;
  };
  await show({ rows: { length: 1_000_000, at, slice: () => [] } });
  await act(async () => rows()[0]?.focus());
  await page.press("End");
  expect(focused()).toBe("row 999999");
  const content = document.querySelector<HTMLElement>('[role="presentation"]');
  expect(content?.style.height).toBe("15000000px");
  expect(new Set(asked).size).toBeLessThan(100);
});

it("wants a row's menu by the pointer and by the keyboard", async () => {
  const wanted: string[] = [];
  await show({ onMenu: (row, anchor) => wanted.push(`${row} at ${anchor.x}`) });
  await act(async () => {
    rows()[1]?.dispatchEvent(
      new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX: 30 }),
    );
  });
  expect(focused()).toBe("row 1");
  await page.press("ContextMenu");
  await page.press("F10", { shiftKey: true });
  await page.press("F10");
  expect(wanted).toEqual(["row 1 at 30", "row 1 at 0", "row 1 at 0"]);
});
