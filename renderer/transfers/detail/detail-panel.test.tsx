import { afterEach, describe, expect, it } from "vitest";
import { act } from "react";
import type { TransferView } from "#shared/transfer.ts";
import { makeTransfer } from "../../fixture/make-transfer.ts";
import { render } from "../../fixture/render.tsx";
import { mergeTransfers } from "../../state/transfer-store.ts";
import { useListStore } from "../list-store.ts";
import { DetailPanel } from "./detail-panel.tsx";

let page: Awaited<ReturnType<typeof render>>;
afterEach(() => page.close());

async function open(view: TransferView, isAlone = false) {
  useListStore.setState({ current: view.id, isDetailOpen: true });
  page = await render(<DetailPanel id={view.id} isAlone={isAlone} />, [view]);
}
const tab = (name: string) =>
  [...document.querySelectorAll('[role="tab"]')].find((one) => one.textContent?.startsWith(name));
const text = () => document.querySelector("aside")?.textContent ?? "";
const moving = makeTransfer(
  "tree",
  { total: 12, done: 5 },
  { itemCount: 10_000, doneItemCount: 4_200, bytesPerSecond: 40e6, secondsLeft: 175, rung: "size" },
);

describe("the details", () => {
  it("tell how far, from where, what and how well proven", async () => {
    await open(moving);
    for (const words of [
      "41 %",
      "40 MB/s",
      "5.0 of 12 GB",
      "From the bucket",
      "Files",
      "From",
      "company-models/models/tree",
      "Size only",
    ]) {
      expect(text()).toContain(words);
    }
  });

  it("say the map and the graph in words", async () => {
    await open(moving);
    const labels = [...document.querySelectorAll('[role="img"]')].map((one) =>
      one.getAttribute("aria-label"),
    );
    expect(labels).toContain("4,167 of 10,000 files done, 16 in flight, 1 square with trouble");
    expect(labels.some((label) => label?.startsWith("Speed over the last 300 seconds"))).toBe(true);
  });

  it("begin with what is wrong, where something is", async () => {
    const error = {
      code: "access-denied",
      message: "AccessDenied",
      details: { bucket: "checkpoints", profile: "company" },
    } as const;
    await open({ ...moving, state: { phase: "failed", atMs: 0, error } });
    expect(text().indexOf("checkpoints")).toBeLessThan(text().indexOf("5.0 of 12 GB"));
    expect(text()).toContain("AUTH_DENIED");
  });

  it("name the files that wait for an answer", async () => {
    await open({ ...moving, itemCount: 31, doneItemCount: 24, askingItemCount: 7 });
    expect(text()).toContain("7 of 31 files are in the folder already, and differ.");
    expect(text()).toContain("part-00024.parquet");
    expect(text()).toContain("and 1 more, under Files");
  });

  it("close by Escape", async () => {
    await open(moving);
    await page.click(tab("Overview"));
    await page.press("Escape");
    expect(useListStore.getState().isDetailOpen).toBe(false);
  });

  it("take the focus where they stand in the list's place", async () => {
    await open(moving, true);
    expect(document.activeElement?.textContent).toBe("tree");
  });
});

describe("the files", () => {
  it("are a grid of all, of which only the first page is asked for", async () => {
    await open(moving);
    await page.click(tab("Files"));
    await act(async () => undefined);
    const grid = document.querySelector('[role="grid"]');
    expect(grid?.getAttribute("aria-rowcount")).toBe("10001");
    const asked = page.asked.filter(({ name }) => name === "transfer.items");
    expect(asked.every(({ input }) => JSON.stringify(input).includes('"offset":0'))).toBe(true);
  });
});

describe("the files of one that moves", () => {
  it("stay where they are scrolled to, and are asked for again only by the host's word", async () => {
    await open(moving);
    await page.click(tab("Files"));
    await act(async () => undefined);
    const askedOften = () => page.asked.filter(({ name }) => name === "transfer.items").length;
    const before = askedOften();
    const grid = document.querySelector('[role="grid"]');
    for (const doneItemCount of [4_300, 4_400]) {
      await act(async () => mergeTransfers([{ ...moving, doneItemCount }], []));
    }
    expect(askedOften()).toBe(before);
    expect(document.querySelector('[role="grid"]')).toBe(grid);
    expect(grid?.getAttribute("aria-rowcount")).toBe("10001");
  });
});

describe("the log", () => {
  it("is newest first, and can be narrowed to troubles", async () => {
    await open(moving);
    await page.click(tab("Log"));
    const lines = () => [...document.querySelectorAll("ol li")].map((line) => line.textContent);
    expect(lines()[0]).toContain("Part 2,077 proven");
    expect(lines()).toHaveLength(4);
    await page.click(document.querySelector('input[value="troubles"]'));
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toContain("connection reset");
  });
});

describe("the receipt", () => {
  const done = { phase: "done", atMs: 0 } as const;
  const one = makeTransfer("a.gguf", { total: 4, done: 4 }, { state: done, rung: "part-sha256" });
  const copied: string[] = [];

  it("of one file holds digest, rung, ETag and version, each with its copy, and all as text", async () => {
    const clipboard = { writeText: async (line: string) => void copied.push(line) };
    Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
    const receipt = {
      sizeBytes: 4_000_000_000,
      rung: "part-sha256",
      sha256: "ab".repeat(32),
      etag: '"e-3"',
      versionId: "v7",
      partCount: 3,
      movedTwiceBytes: 0,
      notes: ["not atomic: it was checked before, not while it was written"],
      finishedAtMs: 0,
    } as const;
    useListStore.setState({ current: one.id, isDetailOpen: true });
    page = await render(<DetailPanel id={one.id} isAlone={false} />, [one], {
      "transfer.items": async () => ({
        total: 1,
        items: [
          {
            index: 0,
            name: "a.gguf",
            sizeBytes: 4_000_000_000,
            doneBytes: 4_000_000_000,
            phase: "done",
            error: null,
            note: null,
            receipt: { ...receipt, notes: [...receipt.notes] },
          },
        ],
      }),
    });
    await act(async () => undefined);
    for (const words of ["4,000,000,000 bytes", '"e-3"', "v7", "not atomic"]) {
      expect(text()).toContain(words);
    }
    const button = (label: string) =>
      [...document.querySelectorAll("button")].find(
        (each) => (each.getAttribute("aria-label") ?? each.textContent) === label,
      );
    for (const what of ["SHA-256", "ETag", "Version"]) await page.click(button(`Copy: ${what}`));
    await page.click(button("Copy receipt"));
    expect(copied.slice(0, 3)).toEqual(["ab".repeat(32), '"e-3"', "v7"]);
    expect(copied[3]?.split("\n").slice(0, 4)).toEqual([
      "File: a.gguf",
      "Size: 4000000000 bytes",
      expect.stringMatching(/^Proof: .* \(part-sha256\)$/),
      `SHA-256: ${"ab".repeat(32)}`,
    ]);
  });
});
