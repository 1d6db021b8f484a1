import { expect, it } from "vitest";
import type { TransferView } from "#shared/transfer.ts";
import { ActivityWatch } from "./activity.ts";

function watch() {
  const log: unknown[] = [];
  const blocker = {
    start: (type: string) => {
      log.push(["awake", type]);
      return 7;
    },
    stop: (id: number) => {
      log.push(["asleep", id]);
      return true;
    },
  };
  const window = {
    isDestroyed: () => false,
    setProgressBar: (fraction: number) => void log.push(fraction),
  };
  const activity = new ActivityWatch(blocker, window);
  const show = (id: string, phase: string, doneBytes: number, isListing = false) => {
    const view = { id, state: { phase }, doneBytes, totalBytes: 100, isListing };
    activity.take({ type: "transfers", changed: [view as unknown as TransferView], removed: [] });
  };
  return { log, show, activity };
}

it("keeps the machine awake from the first running transfer to the last", () => {
  const { log, show } = watch();
  show("a", "running", 0);
  show("b", "running", 50);
  show("a", "done", 100);
  show("b", "paused", 60);
  expect(log).toEqual([["awake", "prevent-app-suspension"], 0, 0.25, 0.5, ["asleep", 7], -1]);
});

it("shows a bar without an end while something is still counted", () => {
  const { log, show } = watch();
  show("a", "running", 10, true);
  expect(log.at(-1)).toBe(2);
});

it("lets the machine sleep when a running transfer is cleared away", () => {
  const { log, show, activity } = watch();
  show("a", "verifying", 10);
  activity.take({ type: "transfers", changed: [], removed: ["a" as TransferView["id"]] });
  expect(log.slice(-2)).toEqual([["asleep", 7], -1]);
});
