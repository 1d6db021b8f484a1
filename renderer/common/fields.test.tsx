import { afterEach, describe, expect, it, vi } from "vitest";
import { act } from "react";
import { render } from "../fixture/render.tsx";
import { RateField } from "./rate-field.tsx";
import { SplitHandle } from "./split-handle.tsx";

let page: Awaited<ReturnType<typeof render>>;
afterEach(() => page.close());

describe("a field for a cap", () => {
  const commit = vi.fn<(rate: number | null) => void>();
  const field = () => document.querySelector("input");
  const type = (text: string) =>
    act(async () => {
      field()?.focus();
      // As typing does it: React notices only what the element's own setter was told.
      Reflect.set(HTMLInputElement.prototype, "value", text, field());
      field()?.dispatchEvent(new Event("input", { bubbles: true }));
    });
  const open = async (bytesPerSecond: number | null) => {
    commit.mockClear();
    page = await render(
      <RateField label="Down" bytesPerSecond={bytesPerSecond} onCommit={commit} />,
    );
  };

  it("shows the other unit below", async () => {
    await open(40_000_000);
    expect(field()?.value).toBe("40 MB/s");
    expect(document.body.textContent).toContain("= 320 Mbit/s");
  });

  it("keeps a rate with its unit on Enter", async () => {
    await open(null);
    await type("40Mbit");
    await page.press("Enter");
    expect(commit.mock.calls).toEqual([[5_000_000]]);
  });

  it("keeps it too when the field is left, and empty is no limit", async () => {
    await open(40_000_000);
    await type("");
    await act(async () => field()?.blur());
    expect(commit.mock.calls).toEqual([[null]]);
  });

  it("refuses a bare number, and says what to write", async () => {
    await open(null);
    await type("40");
    await page.press("Enter");
    expect(commit).not.toHaveBeenCalled();
    expect(document.body.textContent).toContain("unit");
  });

  it("goes back to what is kept on Escape", async () => {
    await open(40_000_000);
    await type("7");
    await page.press("Escape");
    expect(field()?.value).toBe("40 MB/s");
    expect(commit).not.toHaveBeenCalled();
  });

  it("does not keep again what is kept already", async () => {
    await open(40_000_000);
    await type("40MB");
    await page.press("Enter");
    expect(commit).not.toHaveBeenCalled();
  });
});

describe("the edge between two panes", () => {
  const settle = vi.fn<(width: number) => void>();
  const handle = () => document.querySelector<HTMLElement>('[role="separator"]');
  const open = async (width: number) => {
    settle.mockClear();
    page = await render(
      <SplitHandle
        label="Width of the details"
        width={width}
        least={320}
        most={560}
        onResize={() => undefined}
        onSettle={settle}
      />,
    );
  };

  it("says how wide it makes the pane", async () => {
    await open(364);
    expect(handle()?.getAttribute("aria-valuenow")).toBe("364");
    expect(handle()?.tabIndex).toBe(0);
  });

  it.each([
    [364, "ArrowLeft", 380],
    [364, "ArrowRight", 348],
    [555, "ArrowLeft", 560],
    [325, "ArrowRight", 320],
  ])("moves from %d by %s to %d", async (width, key, settled) => {
    await open(width);
    handle()?.focus();
    await page.press(key);
    expect(settle.mock.calls).toEqual([[settled]]);
  });

  it("leaves other keys alone", async () => {
    await open(364);
    handle()?.focus();
    await page.press("ArrowUp");
    expect(settle).not.toHaveBeenCalled();
  });
});
