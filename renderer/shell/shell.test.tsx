import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act } from "react";
import { ProfileId } from "#shared/profile.ts";
import type { TransferView } from "#shared/transfer.ts";
import { fakeProfiles } from "../fixture/fake-places.ts";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { fakeSettings } from "../fixture/fake-places.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { render } from "../fixture/render.tsx";
import { announce } from "../state/live-store.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { mergeTransfers } from "../state/transfer-store.ts";
import { AppFrame } from "./app-frame.tsx";

let page: Awaited<ReturnType<typeof render>>;
const moving = makeTransfer("a", { total: 4, done: 1 });
const asking: TransferView = makeTransfer("b", { total: 4 }, { askingItemCount: 1 });
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);
const text = () => document.body.textContent ?? "";

beforeEach(async () => {
  useProfileStore.setState({ profiles: await fakeProfiles["profile.list"]() });
  useScreenStore.setState({ screen: "transfers", limitOpen: false, shortcutsOpen: false });
  useStatusStore.setState({ downBytesPerSecond: 111e6, upBytesPerSecond: 4.9e6, freeBytes: 212e9 });
  useNoticeStore.setState({ notices: [] });
  page = await render(<AppFrame>the screen</AppFrame>, [moving, asking]);
});
afterEach(() => page.close());

describe("the frame", () => {
  it("shows rates, free space, and how many move and need a person", () => {
    expect(text()).toContain("111 MB/s");
    expect(text()).toContain("4.9 MB/s");
    expect(text()).toContain("212 GB free");
    const transfers = document.querySelector('nav [aria-current="page"]');
    expect(transfers?.textContent).toBe("Transfers1 need you1 active");
  });

  it("says in the window's title how many need a person", async () => {
    expect(document.title).toBe("(1) Longhaul");
    await act(async () => mergeTransfers([], [asking.id]));
    expect(document.title).toBe("Longhaul");
  });

  it("goes to the screens by keys", async () => {
    await page.press("2", { ctrlKey: true });
    expect(useScreenStore.getState().screen).toBe("library");
    await page.press(",", { ctrlKey: true });
    expect(useScreenStore.getState().screen).toBe("settings");
  });

  it("pauses all while anything moves", async () => {
    await page.press("P", { ctrlKey: true, shiftKey: true });
    expect(callsOf("transfer.pauseAll")).toHaveLength(1);
  });

  it("shows its keys on a sheet, and takes none while it is open", async () => {
    await page.press("?");
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain("Pause all");
    await page.press("2", { ctrlKey: true });
    expect(useScreenStore.getState().screen).toBe("transfers");
  });
});

describe("the profile tree", () => {
  it("shows the practice bucket at once and asks for others' when they are opened", async () => {
    const items = () => [...document.querySelectorAll<HTMLElement>('[role="treeitem"]')];
    const company = items().find((item) => item.textContent === "company");
    expect(company?.getAttribute("aria-expanded")).toBe("false");
    expect(callsOf("library.buckets")).toEqual([]);
    company?.focus();
    await page.press("ArrowRight");
    await act(async () => undefined);
    expect(callsOf("library.buckets").map(({ input }) => input)).toEqual([
      { profileId: "company" },
    ]);
    await page.press("ArrowDown");
    await page.press("Enter");
    expect(useScreenStore.getState()).toMatchObject({
      screen: "library",
      place: { profileId: "company", bucket: "company-models", prefix: "" },
    });
  });
});

describe("the bucket on screen", () => {
  it("is shown in the tree, however it was come to, and can be closed again", async () => {
    const company = () =>
      [...document.querySelectorAll<HTMLElement>('[role="treeitem"]')].find(
        (item) => item.textContent === "company",
      );
    const place = { profileId: ProfileId.parse("company"), bucket: "checkpoints", prefix: "" };
    await act(async () => useScreenStore.getState().showPlace(place));
    expect(document.querySelector('[role="treeitem"][aria-selected="true"]')?.textContent).toBe(
      "checkpoints",
    );
    await page.click(company() ?? null);
    await act(async () => useScreenStore.getState().showPlace({ ...place, prefix: "run/" }));
    expect(company()?.getAttribute("aria-expanded")).toBe("false");
  });
});

describe("what is spoken", () => {
  const spoken = () => document.querySelector('[aria-live="polite"]')?.textContent;

  it("is one sentence at a time, the same one twice if need be", async () => {
    await act(async () => announce("a is done."));
    expect(spoken()).toBe("a is done.");
    const before = document.querySelector('[aria-live="polite"]')?.innerHTML;
    await act(async () => announce("a is done."));
    expect(spoken()).toBe("a is done.");
    expect(document.querySelector('[aria-live="polite"]')?.innerHTML).not.toBe(before);
  });

  it("holds notices too, which can be closed", async () => {
    await act(async () => useNoticeStore.getState().notify("Copied: s3://a/b"));
    expect(spoken()).toBe("Copied: s3://a/b");
    await page.click(document.querySelector('[aria-label="Close this notice"]'));
    expect(document.querySelector('[aria-label="Notices"]')).toBeNull();
  });
});

describe("the limit", () => {
  it("is set from the status bar, with its unit", async () => {
    await page.press("l", { ctrlKey: true });
    const field = document.querySelector<HTMLInputElement>('[aria-label="Bandwidth"] input');
    await act(async () => {
      if (!field) throw new Error("the menu has no field");
      field.focus();
      // As typing does it: React notices only what the element's own setter was told.
      Reflect.set(HTMLInputElement.prototype, "value", "40MB", field);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.press("Enter");
    expect(callsOf("limit.set").map(({ input }) => input)).toEqual([
      { downBytesPerSecond: 40_000_000, upBytesPerSecond: null },
    ]);
  });

  it("stands in for the week until its next change, and follows it again", async () => {
    const settings = fakeSettings(new URLSearchParams("week=office"));
    const limits = { downBytesPerSecond: 5_000_000, upBytesPerSecond: null };
    const pace = { mode: "limited", limits, untilMs: Date.now() + 60_000, next: "full" } as const;
    await act(async () => {
      useSettingsStore.setState({ settings });
      useStatusStore.setState({ pace: { ...pace, isOverride: false } });
    });
    await page.press("l", { ctrlKey: true });
    const menu = () => document.querySelector('[aria-label="Bandwidth"]');
    expect(menu()?.textContent).toContain("By the week until");
    await page.click(menu()?.querySelector('input[value="paused"]'));
    expect(callsOf("limit.override").map(({ input }) => input)).toEqual([{ mode: "paused" }]);
    await act(async () => useStatusStore.setState({ pace: { ...pace, isOverride: true } }));
    const buttons = [...(menu()?.querySelectorAll("button") ?? [])];
    await page.click(buttons.find((one) => one.textContent === "Follow the week"));
    expect(callsOf("limit.override").at(-1)?.input).toEqual({ mode: null });
  });
});
