import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TransferView } from "#shared/transfer.ts";
import { makeTransfer, remote } from "../fixture/make-transfer.ts";
import { render } from "../fixture/render.tsx";
import { useScreenStore } from "../state/screen-store.ts";
import { QuestionBars } from "./question-bar.tsx";

const waits = (name: string): TransferView =>
  makeTransfer(
    name,
    { total: 4, done: 1 },
    {
      from: remote(name, "models", "research-eu"),
      state: {
        phase: "paused",
        cause: "credentials",
        sinceMs: 0,
        error: { code: "credentials-expired", message: "", details: { profile: "research-eu" } },
      },
    },
  );
const views = [waits("a"), waits("b")];

let page: Awaited<ReturnType<typeof render>>;
beforeEach(async () => {
  page = await render(<QuestionBars />, views);
});
afterEach(() => page.close());

const bar = () => document.querySelector('[role="alert"]');
const button = (words: string) =>
  [...(bar()?.querySelectorAll("button") ?? [])].find((one) => one.textContent === words);

describe("a question that several transfers wait for", () => {
  it("is asked once", () => {
    expect(document.querySelectorAll('[role="alert"]')).toHaveLength(1);
    expect(bar()?.textContent).toContain("research-eu");
    expect(bar()?.textContent).toContain("2 transfers wait for it. What was moved is kept.");
  });

  it("leads to the profile", async () => {
    await page.click(button("Open research-eu"));
    expect(useScreenStore.getState()).toMatchObject({
      screen: "settings",
      editedProfile: "research-eu",
    });
  });

  it("is tried again for all of them", async () => {
    await page.click(button("Try again"));
    const resumed = page.asked.filter(({ name }) => name === "transfer.resume");
    expect(resumed.map(({ input }) => input)).toEqual(views.map(({ id }) => ({ id })));
  });
});
