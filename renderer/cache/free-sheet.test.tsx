import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { act } from "react";
import type { CallHandlers, CallInput } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { makeEntry, makeFolder } from "#shared/cache-fixtures.ts";
import { render } from "../fixture/render.tsx";
import { useNoticeStore } from "../state/notice-store.ts";
import { useCacheStore } from "./cache-store.ts";
import { FreeSheet } from "./free-sheet.tsx";

let page: Awaited<ReturnType<typeof render>>;
const copied = vi.fn<(text: string) => Promise<void>>();
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 0)));
const text = () => document.body.textContent ?? "";
const names = () =>
  [...document.querySelectorAll('[role="row"][aria-label]')].map(
    (row) => row.getAttribute("aria-label")?.split(",")[0],
  );
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.startsWith(words));
const inputs = (name: string) =>
  page.asked.filter((one) => one.name === name).map(({ input }) => input);

const all = ["a", "b", "c"].map((key) =>
  makeEntry(key, { sizeBytes: 30_000_000_001, freesBytes: 30_000_000_001 }),
);

/** Deletes from the front until it is enough. */
function preview({ freeBytes, offset, limit }: CallInput<"cache.preview">, entries = all) {
  const count = Math.min(entries.length, Math.ceil((freeBytes ?? 0) / 30_000_000_001));
  const going = entries.slice(0, count);
  const freedBytes = going.reduce((sum, one) => sum + one.freesBytes, 0);
  return {
    entries: going.slice(offset, offset + limit),
    total: count,
    freedBytes,
    isEnough: freedBytes >= (freeBytes ?? 0),
    plan: going.map(({ key }) => key).join(),
  };
}

async function open(answers: Partial<CallHandlers> = {}, folders = [makeFolder()]) {
  useCacheStore.setState({ freeing: { folder: null } });
  page = await render(<FreeSheet folders={folders} />, [], {
    "cache.preview": async (asked) => preview(asked),
    ...answers,
  });
  await settle();
  await settle();
}

beforeEach(() => {
  copied.mockReset().mockResolvedValue(undefined);
  const clipboard = { writeText: copied };
  Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
});
afterEach(() => page.close());

async function type(typed: string) {
  const input = document.querySelector<HTMLInputElement>('input[aria-label="Another amount"]');
  await act(async () => {
    input?.focus();
    Reflect.set(HTMLInputElement.prototype, "value", typed, input);
    input?.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.press("Enter");
  await settle();
  await settle();
}

describe("the preview", () => {
  it("begins with the least that is offered, and says the list and its sums to the byte", async () => {
    await open();
    expect(text()).toContain("at most 90.0 GB");
    expect(names()).toEqual(["a"]);
    expect(text()).toContain("1 entry, 30.0 GB");
    expect(text()).toContain("200 GB free now, 230 GB after");
    expect(button("Free 30,000,000,001 bytes")).toBeDefined();
    expect(text()).toContain("Deleting cannot be undone");
    expect(button("Cancel")?.dataset["autofocus"]).toBeDefined();
  });

  it("follows what is asked for, typed or chosen", async () => {
    await open();
    await type("31 GB");
    expect(names()).toEqual(["a", "b"]);
    await page.click(document.querySelector(`input[type="radio"][value="${3 * 30_000_000_001}"]`));
    await settle();
    await settle();
    expect(names()).toEqual(["a", "b", "c"]);
    await page.click(button("Copy as command"));
    expect(copied.mock.calls.flat()).toEqual(["longhaul cache prune --free 90000000003B"]);
  });

  it("says where that is all that can go", async () => {
    await open();
    await type("500 GB");
    expect(text()).toContain("3 entries, 90.0 GB. That is all that can go.");
  });

  it("says that nothing can go, and why", async () => {
    await open({ "cache.preview": async (asked) => preview(asked, []) });
    expect(text()).toContain("Nothing can go now.");
    expect(text()).toContain("Never offered: what is pinned");
    expect(button("Free")).toBeUndefined();
  });

  it("is of one folder where one is chosen", async () => {
    useCacheStore.setState({ freeing: { folder: "/cache" } });
    await open({}, [makeFolder(), makeFolder({ path: "/other" })]);
    expect(document.querySelector('input[aria-label="Where"]')).not.toBeNull();
  });
});

describe("freeing", () => {
  it("deletes what was shown and says how much that was", async () => {
    await open({
      "cache.free": async () => ({ freedBytes: 30_000_000_001, count: 1, keptCount: 0 }),
    });
    await page.click(button("Free 30"));
    await settle();
    expect(inputs("cache.free")).toEqual([
      { freeBytes: 20e9, folder: null, expectedBytes: 30_000_000_001, plan: "a" },
    ]);
    expect(useNoticeStore.getState().notices.at(-1)?.text).toBe("30.0 GB freed, 1 entry deleted.");
    expect(useCacheStore.getState().freeing).toBeNull();
  });

  it("shows the list as it is now where the cache changed meanwhile", async () => {
    const state = { entries: all };
    await open({
      "cache.preview": async (asked) => preview(asked, state.entries),
      "cache.free": async ({ plan }) => {
        if (plan === "a") throw new LonghaulError("conflict", "it is another list");
        return { freedBytes: 1, count: 1, keptCount: 0 };
      },
    });
    state.entries = all.slice(1);
    await page.click(button("Free 30"));
    await settle();
    await settle();
    expect(text()).toContain("so nothing was deleted. This is the list as it is now.");
    expect(names()).toEqual(["b"]);
    await page.click(button("Free 30"));
    await settle();
    expect(inputs("cache.free").at(-1)).toMatchObject({ plan: "b" });
  });

  it("says in its place what else went wrong", async () => {
    await open({
      "cache.free": async () => {
        throw new LonghaulError("disk-failed", "EIO");
      },
    });
    await page.click(button("Free 30"));
    await settle();
    expect(document.querySelector('[role="alert"]')?.textContent).not.toBe("");
    expect(useCacheStore.getState().freeing).not.toBeNull();
  });
});
