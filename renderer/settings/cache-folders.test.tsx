import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { act } from "react";
import type { CacheFolder } from "#shared/cache.ts";
import type { CallHandlers } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { HOST } from "../fixture/fake-handlers.ts";
import { makeEntry, makeFolder } from "#shared/cache-fixtures.ts";
import { render } from "../fixture/render.tsx";
import { useFolderStore } from "../folder/folder-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { CacheFolders } from "./cache-folders.tsx";

let page: Awaited<ReturnType<typeof render>>;
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 0)));
const main = () => document.querySelector("main")?.textContent ?? "";
const dialog = () => document.querySelector('[role="dialog"]');
const inputs = (name: string) =>
  page.asked.filter((one) => one.name === name).map(({ input }) => input);
const button = (words: string) =>
  [...document.querySelectorAll<HTMLElement>("button, [role=menuitem]")].find((one) =>
    (one.getAttribute("aria-label") ?? one.textContent)?.startsWith(words),
  );
const inDialog = (words: string) =>
  [...(dialog()?.querySelectorAll("button") ?? [])].find((one) =>
    one.textContent?.startsWith(words),
  );

const own = makeFolder({ path: "/home/mira/cache" });
const away = makeFolder({
  path: "/mnt/disk",
  isThere: false,
  isDefault: false,
  freeBytes: null,
  totalBytes: null,
  quotaBytes: null,
});

async function open(folders: CacheFolder[] = [own, away], answers: Partial<CallHandlers> = {}) {
  page = await render(<CacheFolders />, [], {
    "cache.folders": async () => folders,
    "cache.setFolder": async () => own,
    "cache.addFolder": async () => own,
    "cache.removeFolder": async () => null,
    ...answers,
  });
  await settle();
}

async function write(label: string, typed: string) {
  const input = document.querySelector<HTMLInputElement>(`input[aria-label="${label}"]`);
  await act(async () => {
    input?.focus();
    Reflect.set(HTMLInputElement.prototype, "value", typed, input);
    input?.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.press("Enter");
  await settle();
  await settle();
}

beforeEach(() => useStatusStore.setState({ host: HOST }));
afterEach(() => page.close());

describe("limits", () => {
  it("are set at once where nothing has to go", async () => {
    await open();
    await write("At most kept in ~/cache", "200 GB");
    await write("Stays free beside ~/cache", "20 GB");
    expect(inputs("cache.setFolder")).toEqual([
      { path: own.path, quotaBytes: 200e9 },
      { path: own.path, quotaBytes: 100e9, keepFreeBytes: 20e9 },
    ]);
    expect(dialog()).toBeNull();
  });

  it("are none where the field is empty, and usual where the menu says so", async () => {
    await open();
    await write("At most kept in ~/cache", "");
    await page.click(button("More for ~/cache"));
    await page.click(button("The usual space"));
    expect(inputs("cache.setFolder")).toEqual([
      { path: own.path, quotaBytes: null },
      { path: own.path, quotaBytes: 100e9, keepFreeBytes: null },
    ]);
  });

  it("are refused without a unit, where they are typed", async () => {
    await open();
    await write("At most kept in ~/cache", "200");
    expect(inputs("cache.setFolder")).toEqual([]);
    expect(main()).toContain("16MB");
  });

  it("that make copies go say which, and go only after a yes", async () => {
    await open(undefined, {
      "cache.preview": async () => ({
        entries: [makeEntry("a")],
        total: 3,
        freedBytes: 21e9,
        isEnough: true,
        plan: "p",
      }),
    });
    await write("At most kept in ~/cache", "40 GB");
    expect(dialog()?.textContent).toContain("that is 20 GB too much");
    expect(dialog()?.textContent).toContain("3 entries, 21 GB, are deleted at once");
    expect(inputs("cache.setFolder")).toEqual([]);
    expect(inputs("cache.preview")).toMatchObject([{ folder: own.path, freeBytes: 20e9 }]);
    await page.click(inDialog("Delete 3 entries"));
    expect(inputs("cache.setFolder")).toEqual([{ path: own.path, quotaBytes: 40e9 }]);
  });
});

describe("folders", () => {
  it("are added by the dialog, and what is wrong with one is said in place", async () => {
    await open(undefined, {
      "cache.addFolder": async () => {
        throw new LonghaulError("invalid", "the folder is inside another cache folder");
      },
    });
    await page.click(button("Add a folder…"));
    const picked = { ref: { path: "/data" }, path: "/data", kind: "folder" } as const;
    await act(async () => useFolderStore.getState().ask?.answer([picked]));
    await settle();
    expect(inputs("cache.addFolder")).toEqual([{ folder: { path: "/data" }, quotaBytes: null }]);
    expect(document.querySelector('[role="alert"]')?.textContent).toContain(
      "inside another cache folder",
    );
  });

  it("that are away are removed after saying what is forgotten with them", async () => {
    await open();
    expect(main()).toContain("not connected");
    await page.click(button("More for /mnt/disk"));
    await page.click(button("Remove"));
    await settle();
    expect(dialog()?.textContent).toContain("5 entries, 60 GB, are forgotten; no file is deleted");
    expect(inputs("cache.removeFolder")).toEqual([]);
    await page.click(inDialog("Remove"));
    expect(inputs("cache.removeFolder")).toEqual([{ path: "/mnt/disk" }]);
  });

  it("have their commands, and the default one cannot be removed", async () => {
    const copied = vi.fn<(text: string) => Promise<void>>().mockResolvedValue(undefined);
    const clipboard = { writeText: copied };
    Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
    await open();
    await page.click(button("More for ~/cache"));
    expect(button("Remove")).toBeUndefined();
    await page.click(button("Copy as command: these limits"));
    expect(copied.mock.calls.flat()).toEqual([
      "longhaul cache set-folder /home/mira/cache --quota 100GB --keep-free 50GB",
    ]);
  });
});
