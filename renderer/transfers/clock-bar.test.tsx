import { act } from "react";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ProfileView } from "#shared/contract.ts";
import { makeTransfer, remote } from "../fixture/make-transfer.ts";
import { render } from "../fixture/render.tsx";
import { useProfileStore } from "../state/profile-store.ts";
import { ClockBar } from "./clock-bar.tsx";

const running = makeTransfer(
  "a",
  { total: 4, done: 1 },
  { from: remote("a", "models", "research-eu") },
);
const from = running.from.kind === "s3" ? running.from : null;

let page: Awaited<ReturnType<typeof render>>;
beforeEach(async () => {
  page = await render(<ClockBar />, [running]);
});
afterEach(() => page.close());

const bar = () => document.querySelector('[role="status"]')?.textContent ?? null;

async function tell(clockAheadSeconds: number | undefined): Promise<void> {
  const profile = { id: from?.profileId, name: "research-eu" };
  const skew = clockAheadSeconds === undefined ? {} : { clockAheadSeconds };
  const views = [{ profile, problem: null, ...skew }] as unknown as readonly ProfileView[];
  await act(async () => useProfileStore.setState({ profiles: views }));
}

it("says by how much the clock is off, and whose time is used", async () => {
  await tell(1200);
  expect(bar()).toBe(
    "This computer's clock is 20 min ahead.Transfers go on with the time of research-eu. Set the clock, best by the network.",
  );
});

it("says nothing while the clock is right, and when it is right again", async () => {
  await tell(undefined);
  expect(bar()).toBeNull();
  await tell(-1200);
  expect(bar()).toContain("20 min behind");
  await tell(undefined);
  expect(bar()).toBeNull();
});
