import { afterEach, expect, it } from "vitest";
import { act } from "react";
import { fakeUnfinished } from "../fixture/fake-unfinished.ts";
import { render } from "../fixture/render.tsx";
import { useListStore } from "../transfers/list-store.ts";
import { TransfersScreen } from "../transfers/transfers-screen.tsx";

let page: Awaited<ReturnType<typeof render>>;
afterEach(() => page.close());

const rows = () => [...document.querySelectorAll("li")].map((row) => row.textContent);
const button = (label: string) =>
  [...document.querySelectorAll("button")].find(
    (one) => (one.getAttribute("aria-label") ?? one.textContent) === label,
  );
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 0)));

async function open(found = fakeUnfinished()) {
  page = await render(<TransfersScreen />, [], { "transfer.unfinished": async () => found });
  await act(async () => useListStore.getState().setFilter({ segment: "unfinished" }));
  await settle();
  return found;
}

it("names key, age, expiry and size held, by the side that holds it", async () => {
  await open();
  const [yi, optimizer, index] = rows();
  expect(optimizer).toContain("checkpoints/llama-sft-0417/step-47000/optimizer.ptcanceled, kept");
  expect(optimizer).toContain("40.6 of 64.2 GB");
  expect(optimizer).toContain("2 days");
  expect(index).toMatch(/expires \d+ \w+, /);
  expect(yi).toContain("and 11 more");
  expect([...document.querySelectorAll("h2")].map((one) => one.textContent)).toEqual([
    "On this computer",
    "In buckets",
  ]);
});

it("goes on with one by its button", async () => {
  const [first] = await open();
  await page.click(button("Resume optimizer.pt"));
  expect(callsOf("transfer.resume")).toMatchObject([{ input: { id: first?.id } }]);
});

it("removes one only after a question whose focus is on keeping it", async () => {
  const [first] = await open();
  await page.click(button("Remove optimizer.pt…"));
  await settle();
  expect(callsOf("transfer.cancel")).toEqual([]);
  expect(document.querySelector('[role="dialog"]')?.textContent).toContain("40.6 GB of sent parts");
  expect(button("Keep it")?.dataset["autofocus"]).toBeDefined();
  await page.click(button("Remove"));
  expect(callsOf("transfer.cancel")).toMatchObject([
    { input: { id: first?.id, keepParts: false } },
  ]);
  await settle();
  expect(callsOf("transfer.unfinished").length).toBeGreaterThan(1);
});

it("says that nothing is unfinished, also where no transfer is on the list", async () => {
  await open([]);
  expect(document.querySelector("main")?.textContent).toContain("Nothing is unfinished.");
});

it("offers nothing for what is being removed", async () => {
  const [first] = fakeUnfinished();
  await open(first ? [{ ...first, isRemoving: true }] : []);
  expect(rows()[0]).toContain("waits for the store to let go");
  expect(button("Resume optimizer.pt")).toBeUndefined();
});
