import { afterEach, describe, expect, it } from "vitest";
import { act } from "react";
import type { TransferView } from "#shared/transfer.ts";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { render } from "../fixture/render.tsx";
import { mergeTransfers } from "../state/transfer-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useListStore } from "./list-store.ts";
import { TransfersHeader } from "./transfers-header.tsx";

let page: Awaited<ReturnType<typeof render>>;
afterEach(() => page.close());

const paused = { phase: "paused", cause: "user", sinceMs: 0, error: null } as const;
const moving = makeTransfer("moving", { total: 4, done: 1 });
const resting = makeTransfer("resting", { total: 4, done: 1 }, { state: paused });
const done = makeTransfer("done", { total: 4, done: 4 }, { state: { phase: "done", atMs: 0 } });
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.includes(words));
const item = (words: string) =>
  [...document.querySelectorAll('[role="menuitem"]')].find((one) =>
    one.textContent?.includes(words),
  );
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);

async function open(transfers: readonly TransferView[]) {
  useListStore.setState({ filter: { segment: "all", text: "" } });
  page = await render(<TransfersHeader isEmpty={transfers.length === 0} />, transfers);
}

describe("pause all", () => {
  it("pauses while anything moves", async () => {
    await open([moving, resting]);
    await page.click(button("Pause all"));
    expect(callsOf("transfer.pauseAll")).toHaveLength(1);
  });

  it("becomes resume all once everything rests", async () => {
    await open([moving, resting, done]);
    await act(async () => mergeTransfers([{ ...moving, state: paused }], []));
    await page.click(button("Resume all"));
    expect(callsOf("transfer.resumeAll")).toHaveLength(1);
  });

  it("has nothing to do where all is done, or nothing is there", async () => {
    await open([done]);
    expect(button("Pause all")?.disabled).toBe(true);
    await page.close();
    await open([]);
    expect(button("Pause all")?.disabled).toBe(true);
  });
});

describe("segments", () => {
  it("count what needs a person, moves and waits", async () => {
    await open([moving, resting, { ...moving, id: done.id, askingItemCount: 1 }]);
    const labels = [...document.querySelectorAll("label")].map((label) => label.textContent);
    expect(labels).toEqual(["All", "Needs you1", "Active1", "Waiting1", "Done", "Unfinished"]);
  });

  it("narrow the list", async () => {
    await open([moving]);
    await page.click(document.querySelector('input[value="waiting"]'));
    expect(useListStore.getState().filter.segment).toBe("waiting");
  });
});

describe("menus", () => {
  it("ask for files, for a folder, or go to the Library", async () => {
    await open([moving]);
    await page.click(button("New"));
    await page.click(item("Upload a folder…"));
    expect(useScreenStore.getState().wantedUpload).toBe("folder");
    await page.click(button("New"));
    await page.click(item("Get from the Library"));
    expect(useScreenStore.getState().screen).toBe("library");
  });

  it("take what is done off the list, and nothing else", async () => {
    await open([moving, done]);
    await page.click(document.querySelector('[aria-label="More"]'));
    await page.click(item("Take all that is done"));
    expect(callsOf("transfer.clear").map(({ input }) => input)).toEqual([{ ids: [done.id] }]);
  });
});
