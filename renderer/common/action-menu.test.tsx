import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { act } from "react";
import { Button } from "@mantine/core";
import { render } from "../fixture/render.tsx";
import { MenuButton } from "./menu-button.tsx";

let page: Awaited<ReturnType<typeof render>>;
const pick = vi.fn<(what: string) => void>();
const opener = () => document.querySelector<HTMLElement>("#opener");
const menu = () => document.querySelector('[role="menu"]');

beforeEach(async () => {
  pick.mockClear();
  page = await render(
    <>
      <MenuButton
        label="New"
        entries={[
          { kind: "item", label: "Files", keys: "Ctrl O", onPick: () => pick("files") },
          { kind: "line" },
          { kind: "item", label: "Folder", onPick: () => pick("folder") },
        ]}
      >
        <Button id="opener">New</Button>
      </MenuButton>
      <p id="elsewhere">elsewhere</p>
    </>,
  );
});
afterEach(() => page.close());

describe("a menu", () => {
  it("takes the focus to its first item, and its button says that it is open", async () => {
    await page.click(opener());
    expect(document.activeElement?.textContent).toContain("Files");
    expect(opener()?.getAttribute("aria-expanded")).toBe("true");
  });

  it("is walked by arrows, round the ends and over lines", async () => {
    await page.click(opener());
    await page.press("ArrowDown");
    expect(document.activeElement?.textContent).toBe("Folder");
    await page.press("ArrowDown");
    expect(document.activeElement?.textContent).toContain("Files");
  });

  it("does what is picked, closes, and gives the focus back", async () => {
    await page.click(opener());
    await page.press("End");
    await page.click(document.activeElement);
    expect(pick.mock.calls).toEqual([["folder"]]);
    expect(menu()).toBeNull();
    expect(document.activeElement).toBe(opener());
  });

  it.each(["Escape", "Tab"])("closes by %s without doing anything", async (key) => {
    await page.click(opener());
    await page.press(key);
    expect(menu()).toBeNull();
    expect(pick).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(opener());
  });

  it("closes by a click elsewhere", async () => {
    await page.click(opener());
    await act(async () => {
      document
        .querySelector("#elsewhere")
        ?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    });
    expect(menu()).toBeNull();
  });

  it("closes by its button too", async () => {
    await page.click(opener());
    await page.click(opener());
    expect(menu()).toBeNull();
  });
});
