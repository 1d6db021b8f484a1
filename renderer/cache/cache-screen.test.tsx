import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { act } from "react";
import type { CacheEntry } from "#shared/cache.ts";
import type { CallHandlers } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { HOST } from "../fixture/fake-handlers.ts";
import { makeEntry, makeWork } from "#shared/cache-fixtures.ts";
import { render } from "../fixture/render.tsx";
import { useNoticeStore } from "../state/notice-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useWorkStore } from "../state/work-store.ts";
import { CacheScreen } from "./cache-screen.tsx";
import { useCacheStore } from "./cache-store.ts";

let page: Awaited<ReturnType<typeof render>>;
const copied = vi.fn<(text: string) => Promise<void>>();
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 0)));
const text = () => document.body.textContent ?? "";
const rows = () => [...document.querySelectorAll<HTMLElement>('[role="row"][aria-label]')];
const names = () => rows().map((row) => row.getAttribute("aria-label")?.split(",")[0]);
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);
const inputs = (name: string) => callsOf(name).map(({ input }) => input);
const notices = () => useNoticeStore.getState().notices.map((notice) => notice.text);
const button = (words: string) =>
  [...document.querySelectorAll<HTMLElement>("button, [role=menuitem]")].find((one) =>
    (one.getAttribute("aria-label") ?? one.textContent)?.startsWith(words),
  );
const focusRow = (name: string) =>
  act(async () =>
    rows()
      .find((row) => row.getAttribute("aria-label")?.startsWith(name))
      ?.focus(),
  );
const idOf = ({ path, origin, key }: Pick<CacheEntry, "path" | "origin" | "key">) => ({
  path,
  origin,
  key,
});

async function open(answers: Partial<CallHandlers> = {}) {
  useScreenStore.setState({ screen: "cache" });
  page = await render(<CacheScreen />, [], answers);
  await settle();
  await settle();
}

/** A list of these, whatever is asked. */
function listing(entries: readonly CacheEntry[]): Partial<CallHandlers> {
  const sizeBytes = entries.reduce((sum, one) => sum + one.sizeBytes, 0);
  return {
    "cache.list": async ({ offset, limit }) => ({
      entries: entries.slice(offset, offset + limit),
      total: entries.length,
      sizeBytes,
    }),
  };
}

beforeEach(() => {
  copied.mockReset().mockResolvedValue(undefined);
  const clipboard = { writeText: copied };
  Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
  useStatusStore.setState({ host: HOST });
});
afterEach(() => page.close());

describe("the folders", () => {
  it("say what they hold, and one that is away what to do", async () => {
    await open();
    expect(text()).toContain("65.4 GB of at most 100 GB kept, 39.6 GB pinned");
    expect(text()).toContain("212 GB free of 1 TB");
    expect(text()).toContain("is remembered and used again when its disk is connected");
    await page.click(button("Remove it in Settings"));
    expect(useScreenStore.getState()).toMatchObject({
      screen: "settings",
      settingsPage: "storage",
    });
  });
});

describe("the list", () => {
  it("begins with what was used last, and sorts by its heads", async () => {
    await open();
    expect(names()).toHaveLength(7);
    expect(names()[0]).toBe("llama-3.1-70b-q4.gguf");
    await page.click(button("Size"));
    await settle();
    expect(names().slice(0, 2)).toEqual(["llama-3.1-70b-q4.gguf", "qwen3-32b.gguf"]);
    const head = button("Size")?.closest('[role="columnheader"]');
    expect(head?.getAttribute("aria-sort")).toBe("descending");
    await page.click(button("Size"));
    await settle();
    expect(names()[0]).toBe("model.safetensors");
  });

  it("shows only what a filter lets through, with how much that is", async () => {
    await open();
    expect(text()).toContain("7 entries, 90.3 GB");
    const chip = [...document.querySelectorAll("label")].find((one) =>
      one.textContent?.startsWith("Needs attention"),
    );
    expect(chip?.textContent).toContain("2");
    await page.click(document.getElementById(chip?.htmlFor ?? ""));
    await settle();
    expect(names()).toEqual(["qwen3-32b.gguf", "model.safetensors"]);
    expect(text()).toContain("2 entries, 20.2 GB");
  });
});

describe("a list without entries", () => {
  it("says that nothing matches, and shows all again", async () => {
    useCacheStore.setState({ text: "nowhere" });
    await open();
    expect(text()).toContain("No entry matches “nowhere”.");
    await page.click(button("Show all"));
    await vi.waitFor(async () => {
      await settle();
      expect(names()).toHaveLength(7);
    });
  });

  it("says of nothing what will be here", async () => {
    await open(listing([]));
    expect(text()).toContain("Nothing of a bucket is known to be here yet");
    await page.click(button("Open the Library"));
    expect(useScreenStore.getState().screen).toBe("library");
  });

  it("says in its place why there is none, and asks again", async () => {
    let isAway = true;
    const answers = listing([makeEntry("a")]);
    await open({
      "cache.list": async (asked) => {
        if (isAway) throw new LonghaulError("disk-failed", "EIO");
        return (await answers["cache.list"]?.(asked)) ?? { entries: [], total: 0, sizeBytes: 0 };
      },
    });
    expect(button("Try again")).toBeDefined();
    isAway = false;
    await page.click(button("Try again"));
    await settle();
    expect(names()).toEqual(["a"]);
  });
});

describe("pages", () => {
  it("are asked for as they are looked at, of a hundred thousand", async () => {
    const many = Array.from({ length: 100_000 }, (_none, at) => makeEntry(`k${at}`));
    await open(listing(many));
    expect(document.querySelector('[role="grid"]')?.getAttribute("aria-rowcount")).toBe("100001");
    expect(new Set(inputs("cache.list").map((input) => Object(input).offset ?? 0))).toEqual(
      new Set([0]),
    );
    const [, body] = document.querySelectorAll('[role="rowgroup"]');
    await act(async () => {
      if (body) body.scrollTop = 99_990 * 34;
      body?.dispatchEvent(new Event("scroll"));
    });
    await settle();
    const pages = inputs("cache.list").filter((input) => Object(input).limit === 500);
    expect(pages.map((input) => Object(input).offset)).toEqual([0, 99_500]);
    expect(names()).toContain("k99990");
    expect(rows().length).toBeLessThan(60);
  });

  it("are asked for again when the engine says that entries are others now", async () => {
    await open();
    vi.useFakeTimers();
    try {
      const before = callsOf("cache.list").length;
      await page.publish({
        type: "cache",
        hasNewEntries: true,
        work: { now: null, last: null },
      });
      await act(async () => vi.advanceTimersByTimeAsync(1100));
      expect(callsOf("cache.list").length).toBeGreaterThan(before);
      const after = callsOf("cache.list").length;
      await page.publish({
        type: "cache",
        hasNewEntries: false,
        work: { now: makeWork(), last: null },
      });
      await act(async () => vi.advanceTimersByTimeAsync(1100));
      expect(callsOf("cache.list")).toHaveLength(after);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("commands on a row", () => {
  it("pin it by its key, its button and its menu", async () => {
    await open();
    await focusRow("large-v3");
    await page.press("p");
    expect(inputs("cache.pin")).toMatchObject([
      { ids: [{ key: "whisper/large-v3.safetensors" }], isPinned: true },
    ]);
    expect(notices()).toEqual(["Pinned: whisper/large-v3.safetensors."]);
    await page.click(button("Unpin llama/"));
    await page.click(button("More for datasets/"));
    await page.click(document.querySelector('[role="menuitem"]'));
    expect(inputs("cache.pin").slice(1)).toMatchObject([
      { ids: [{ key: "llama/llama-3.1-70b-q4.gguf" }], isPinned: false },
      { ids: [{ key: "datasets/imagenet-val.tar" }], isPinned: true },
    ]);
  });

  it("open its menu by the keyboard, and give the focus back", async () => {
    await open();
    await focusRow("unet");
    await page.press("F10", { shiftKey: true });
    expect(button("Forget…")).toBeDefined();
    await page.press("Escape");
    expect(document.querySelector('[role="menu"]')).toBeNull();
    expect(document.activeElement?.getAttribute("aria-label")).toContain("unet");
  });

  it("repair what is damaged, and say of the rest why not", async () => {
    await open();
    await focusRow("model.safetensors");
    await page.press("r");
    expect(inputs("cache.repair")).toMatchObject([{ ids: [{ key: "bert/model.safetensors" }] }]);
    await focusRow("large-v3");
    await page.press("r");
    expect(callsOf("cache.repair")).toHaveLength(1);
    expect(notices().at(-1)).toContain("Verify reads it");
  });
});

describe("commands that leave the bytes alone", () => {
  it("show it in its folder, and copy its address and its command", async () => {
    await open();
    await focusRow("unet");
    await page.press("Enter", { shiftKey: true });
    await page.press("c", { ctrlKey: true });
    await page.press("c", { ctrlKey: true, shiftKey: true });
    expect(inputs("host.showCopy")).toEqual([{ path: "/data/sdxl/unet.safetensors" }]);
    expect(copied.mock.calls.flat()).toEqual([
      "s3://models/sdxl/unet.safetensors",
      "longhaul cache pin /data/sdxl/unet.safetensors",
    ]);
  });

  it("forget it only after saying that the file stays", async () => {
    await open();
    await focusRow("unet");
    await page.press("Delete");
    await settle();
    const dialog = document.querySelector('[role="dialog"]');
    expect(dialog?.textContent).toContain("/data/sdxl/unet.safetensors stays as it is");
    expect(button("Cancel")?.dataset["autofocus"]).toBeDefined();
    expect(callsOf("cache.forget")).toEqual([]);
    await page.click(button("Forget"));
    await settle();
    expect(inputs("cache.forget")).toMatchObject([
      { ids: [{ path: "/data/sdxl/unet.safetensors" }] },
    ]);
  });

  it("forget no whole copy of Longhaul's own", async () => {
    await open();
    await focusRow("large-v3");
    await page.press("Delete");
    await settle();
    expect(document.querySelector('[role="dialog"]')).toBeNull();
    expect(notices().at(-1)).toContain("Free up space");
  });
});

describe("several that are ticked", () => {
  it("are done to at once, with what deleting them would free", async () => {
    await open();
    await focusRow("large-v3");
    await page.press(" ");
    await focusRow("unet");
    await page.press(" ");
    const bar = document.querySelector('[aria-label="Ticked"]');
    expect(bar?.textContent).toContain("2 entries, 8.2 GB");
    expect(bar?.textContent).toContain("Deleting them would free 3.1 GB");
    await page.press("v");
    expect(inputs("cache.verify")).toMatchObject([
      {
        ids: [{ key: "whisper/large-v3.safetensors" }, { key: "sdxl/unet.safetensors" }],
      },
    ]);
    await page.click(button("Clear"));
    expect(document.querySelector('[aria-label="Ticked"]')).toBeNull();
  });

  it("are all of them by one key, up to a thousand, which is said", async () => {
    await open(listing(Array.from({ length: 1200 }, (_none, at) => makeEntry(`k${at}`))));
    await focusRow("k0");
    await page.press("a", { ctrlKey: true });
    await settle();
    await settle();
    expect(useCacheStore.getState().ticked.size).toBe(1000);
    expect(notices()).toEqual(["At most 1,000 entries are ticked at once."]);
  });
});

describe("work in the background", () => {
  const last = { ...makeWork({ doneCount: 41, damagedCount: 1 }), endedAtMs: 5, isStopped: false };

  it("shows how far it is, and stops", async () => {
    useWorkStore.setState({ now: makeWork({ damagedCount: 1 }), last: null });
    await open();
    expect(text()).toContain("Verifying 12 of 41 entries, 30.0 of 141 GB");
    expect(text()).toContain("So far 1 damaged.");
    expect(document.querySelector("[aria-label='Repair bert/model.safetensors']")).toBeNull();
    await page.click(button("Stop"));
    expect(callsOf("cache.stopWork")).toHaveLength(1);
  });

  it("says in words how it ended, leads on, and is put away", async () => {
    useWorkStore.setState({ now: null, last });
    await open();
    expect(text()).toContain("Verified 41 entries");
    await page.click(button("Repair all damaged"));
    expect(inputs("cache.repair")).toEqual([{ ids: null }]);
    await page.click(button("Show what needs attention"));
    await settle();
    expect(useCacheStore.getState().filter).toBe("trouble");
    await page.click(button("Put this result away"));
    expect(text()).not.toContain("Verified 41 entries");
  });

  it("lists what could not be read, and how repairs went", async () => {
    const failures = [
      {
        id: idOf(makeEntry("a")),
        error: { code: "disk-failed", message: "EIO", details: {} } as const,
      },
    ];
    const notes = ["model.bin was fetched whole: nothing is known of its pieces."];
    useWorkStore.setState({ now: null, last: { ...last, failedCount: 1, failures, notes } });
    await open();
    expect(text()).not.toContain(notes[0]);
    await page.click(button("Show the details"));
    expect(text()).toContain(notes[0]);
  });

  it("says that other work is under way, where it began meanwhile", async () => {
    await open({
      "cache.verify": async () => {
        throw new LonghaulError("conflict", "other work runs");
      },
    });
    await page.click(button("Verify all"));
    await settle();
    expect(notices()).toEqual([
      "Other work on the cache is under way. Stop it, or wait until it ends.",
    ]);
  });
});

describe("the unfinished", () => {
  it("are a tab of their own, with their number", async () => {
    const { fakeUnfinished } = await import("../fixture/fake-unfinished.ts");
    await open({ "transfer.unfinished": async () => fakeUnfinished() });
    expect(text()).toContain("Unfinished 3");
    await act(async () => useCacheStore.setState({ tab: "unfinished" }));
    expect(button("Resume optimizer.pt")).toBeDefined();
    await act(async () => useCacheStore.setState({ text: "optimizer" }));
    expect(document.querySelectorAll("li")).toHaveLength(1);
  });
});
