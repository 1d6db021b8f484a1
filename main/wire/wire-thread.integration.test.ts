import { afterEach, expect, it, vi } from "vitest";
import { createBucketCells } from "../flow/token-bucket.ts";
import { MeterTable } from "./meters.ts";
import { WireThread } from "./wire-thread.ts";

vi.mock("../flow/sibling-module.ts", () => ({
  siblingModule: () => new URL("./dying-thread.ts", import.meta.url),
}));

const never = new AbortController().signal;
const threads: WireThread[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.close()));
});

let deathCount = 0;

function start(): WireThread {
  const setup = {
    connectTimeoutMs: 1000,
    stallMs: 1000,
    routes: new Map(),
    judgedMs: 60_000,
    upCells: createBucketCells(),
    downCells: createBucketCells(),
    capCells: createBucketCells(8),
    meterCells: new MeterTable(1).cells,
  };
  const thread = new WireThread(setup, () => (deathCount += 1));
  threads.push(thread);
  return thread;
}

it("fails the orders of a thread that died, with the reason, and starts another for the next", async () => {
  const thread = start();
  const asked = [1, 2].map(() => thread.ask({ kind: "sync", path: "/a", isOthers: true }, never));
  for (const { outcome, over } of asked) {
    await expect(outcome).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining("a bug in a thread"),
    });
    await over;
  }
  const next = thread.ask({ kind: "sync", path: "/a", isOthers: true }, never);
  await expect(next.outcome).rejects.toMatchObject({ code: "internal" });
  expect(thread.pendingCount).toBe(0);
});

it("cancels what is asked while it closes", async () => {
  const thread = start();
  const asked = thread.ask({ kind: "sync", path: "/a", isOthers: true }, never);
  const rejected = expect(asked.outcome).rejects.toMatchObject({ name: "AbortError" });
  await thread.close();
  await rejected;
  const late = thread.ask({ kind: "sync", path: "/a", isOthers: true }, never);
  await expect(late.outcome).rejects.toMatchObject({ name: "AbortError" });
});
