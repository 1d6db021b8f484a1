import { test as base, expect } from "playwright/test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHand } from "../window/hand.ts";
import type { HandKind } from "../window/hand.ts";
import { LonghaulWindow } from "../window/longhaul-window.ts";
import { Guard } from "./guard.ts";
import { Host } from "./host.ts";
import { startStore } from "./store.ts";
import type { Store } from "./store.ts";

/** The bucket of the second store. */
export const BUCKET = "artifacts";

export type StoryOptions = { readonly hand: HandKind };

type StoryFixtures = StoryOptions & {
  /** A folder of the story's own, gone afterwards. */
  readonly folder: string;
  readonly host: Host;
  readonly guard: Guard;
  /** The window, not yet opened. */
  readonly win: LonghaulWindow;
  /** A second store; started only for stories that name it. */
  readonly store: Store;
};

/** A story has a home, a host over it and a window, and fails on anything that the guard saw. */
export const test = base.extend<StoryFixtures>({
  hand: ["mouse", { option: true }],
  folder: async ({ browserName }, use) => {
    const folder = await mkdtemp(join(tmpdir(), `longhaul-${browserName}-`));
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  },
  host: async ({ folder }, use) => {
    const host = new Host(join(folder, "machine"));
    await use(host);
    await host.stop();
  },
  guard: async ({ page }, use) => {
    const guard = new Guard();
    await guard.watch(page);
    await use(guard);
    expect(guard.faults()).toEqual([]);
  },
  win: async ({ page, hand, host, guard }, use) => {
    await use(new LonghaulWindow(page, createHand(hand, page), host, guard));
  },
  store: async ({ folder }, use) => {
    const store = await startStore(join(folder, "second"), BUCKET);
    await use(store);
    await store.stop();
  },
});

export { expect };
