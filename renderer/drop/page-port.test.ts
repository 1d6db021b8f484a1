import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TransferId } from "#shared/transfer.ts";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { fakeHost } from "../host/fake-host.ts";
import type { Host } from "../host/host.ts";
import { createWatch } from "../host/watched.ts";
import { replaceTransfers, useTransferStore } from "../state/transfer-store.ts";
import { pagePort } from "./page-port.ts";

const never = new AbortController().signal;
const unknown = TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d");

function hostWith(token: string | null): Host {
  return {
    client: { call: fakeHost({}).call, onEvent: () => () => {} },
    connection: createWatch({ phase: "open" }),
    arrival: { kind: "bytes", token: () => token },
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("whether a transfer still wants its files", () => {
  it("is so while it runs, and before the list names it", () => {
    const moving = makeTransfer("a", { total: 1 });
    replaceTransfers([moving]);
    const { isSettled } = pagePort(hostWith("t"));
    expect([isSettled(moving.id), isSettled(unknown)]).toEqual([false, false]);
  });

  it("is no longer so when it was canceled", () => {
    const canceled = makeTransfer("a", { total: 1 }, { state: { phase: "canceled", atMs: 0 } });
    replaceTransfers([canceled]);
    expect(pagePort(hostWith("t")).isSettled(canceled.id)).toBe(true);
  });

  it("is not judged by a list that has not come", () => {
    const done = makeTransfer("a", { total: 1 }, { state: { phase: "done", atMs: 0 } });
    replaceTransfers([done]);
    useTransferStore.setState({ isLoaded: false });
    expect(pagePort(hostWith("t")).isSettled(done.id)).toBe(false);
  });
});

describe("waiting", () => {
  it("ends after its time", async () => {
    const waited = pagePort(hostWith("t")).wait(500, never);
    await vi.advanceTimersByTimeAsync(500);
    await expect(waited).resolves.toBeUndefined();
  });

  it("ends at once with the wish to stop", async () => {
    const stop = new AbortController();
    const waited = pagePort(hostWith("t")).wait(60_000, stop.signal);
    stop.abort();
    await expect(waited).rejects.toThrow("abort");
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("sends nothing without a token", async () => {
  const request = { ticket: "t", offsetBytes: 0, body: new Blob(["x"]) };
  expect(await pagePort(hostWith(null)).send(request, never)).toEqual({ kind: "signed-out" });
});
