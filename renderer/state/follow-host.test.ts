import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CallName, HostEvent } from "#shared/contract.ts";
import type { Connection } from "../host/host.ts";
import { createClient } from "#shared/client.ts";
import { fakeHandlers } from "../fixture/fake-handlers.ts";
import { fakeSettings } from "../fixture/fake-places.ts";
import { makeWork } from "#shared/cache-fixtures.ts";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { createWatch } from "../host/watched.ts";
import { dispatch } from "#shared/dispatch.ts";
import { useBucketStore } from "./bucket-store.ts";
import { followHost } from "./follow-host.ts";
import { useLiveStore } from "./live-store.ts";
import { useProfileStore } from "./profile-store.ts";
import { useSettingsStore } from "./settings-store.ts";
import { useStatusStore } from "./status-store.ts";
import { useTransferStore } from "./transfer-store.ts";
import { useWorkStore } from "./work-store.ts";

const transfer = makeTransfer("model.gguf", { total: 4, done: 1 });

function setUp() {
  const listeners = new Set<(event: HostEvent) => void>();
  const publish = (event: HostEvent) => {
    for (const listener of listeners) listener(event);
  };
  const handlers = fakeHandlers({
    settings: fakeSettings(new URLSearchParams("theme=light")),
    transfers: new Map([[transfer.id, transfer]]),
    unfinished: [],
    publish,
  });
  const called: CallName[] = [];
  const connection = createWatch<Connection>({ phase: "connecting" });
  const client = createClient({
    call: (name, input) => {
      called.push(name);
      return dispatch(handlers, name, input);
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const stop = followHost({ client, connection, arrival: { kind: "bytes", token: () => null } });
  return { connection, called, publish, stop };
}

beforeEach(() => {
  useTransferStore.setState({ byId: new Map(), isLoaded: false });
  useProfileStore.setState({ profiles: null });
  useBucketStore.setState({ byProfile: new Map() });
  useStatusStore.setState({ host: null, freeBytes: null });
  useLiveStore.setState({ text: "", count: 0 });
  useWorkStore.setState({ now: null, last: null });
});

describe("at the start", () => {
  it("asks for nothing before the line is open, then for everything", async () => {
    const { connection, called } = setUp();
    expect(called).toEqual([]);
    connection.set({ phase: "open" });
    await vi.waitFor(() => expect(useStatusStore.getState().freeBytes).toBe(212e9));
    expect(useTransferStore.getState().byId.get(transfer.id)?.name).toBe("model.gguf");
    expect(useSettingsStore.getState().settings.theme).toBe("light");
    expect(useProfileStore.getState().profiles).toHaveLength(4);
    expect(useStatusStore.getState().host?.userFolder).toBe("/home/mira");
  });

  it("looks into the practice bucket, and into nobody else's", async () => {
    const { connection } = setUp();
    connection.set({ phase: "open" });
    await vi.waitFor(() => expect(useBucketStore.getState().byProfile.size).toBe(1));
    expect([...useBucketStore.getState().byProfile]).toEqual([
      ["practice", { phase: "ready", buckets: ["practice"] }],
    ]);
  });
});

describe("after a lost line", () => {
  it("asks for everything again", async () => {
    const { connection, called } = setUp();
    connection.set({ phase: "open" });
    connection.set({ phase: "lost", sinceMs: 0 });
    connection.set({ phase: "open" });
    await vi.waitFor(() =>
      expect(called.filter((name) => name === "transfer.list")).toHaveLength(2),
    );
  });

  it("does not ask twice while it stays open", async () => {
    const { connection, called } = setUp();
    connection.set({ phase: "open" });
    connection.set({ phase: "open" });
    await vi.waitFor(() => expect(called).toContain("folder.space"));
    expect(called.filter((name) => name === "transfer.list")).toHaveLength(1);
  });
});

describe("events", () => {
  it("bring a change of a transfer, and say a change of state", () => {
    const { publish } = setUp();
    publish({ type: "transfers", changed: [transfer], removed: [] });
    const paused = {
      ...transfer,
      state: { phase: "paused", cause: "user", sinceMs: 0, error: null } as const,
    };
    publish({ type: "transfers", changed: [paused], removed: [] });
    expect(useTransferStore.getState().byId.get(transfer.id)?.state.phase).toBe("paused");
    expect(useLiveStore.getState().text).toBe("model.gguf is paused.");
  });

  it("say nothing of a tick", () => {
    const { publish } = setUp();
    publish({ type: "transfers", changed: [transfer], removed: [] });
    const { count } = useLiveStore.getState();
    publish({ type: "transfers", changed: [{ ...transfer, doneBytes: 2e9 }], removed: [] });
    expect(useLiveStore.getState().count).toBe(count);
  });

  it("bring work on the cache, and say how it ended", () => {
    const { publish } = setUp();
    const now = makeWork();
    publish({ type: "cache", hasNewEntries: false, work: { now, last: null } });
    expect(useWorkStore.getState().now).toEqual(now);
    expect(useLiveStore.getState().text).toBe("");
    const last = { ...makeWork({ doneCount: 41 }), endedAtMs: 1, isStopped: false };
    publish({ type: "cache", hasNewEntries: true, work: { now: null, last } });
    expect(useLiveStore.getState().text).toContain("Verified 41 entries");
    const { count } = useLiveStore.getState();
    publish({ type: "cache", hasNewEntries: true, work: { now: null, last } });
    expect(useLiveStore.getState().count).toBe(count);
  });

  it("bring rates and free space", () => {
    const { publish } = setUp();
    publish({
      type: "status",
      downBytesPerSecond: 3,
      upBytesPerSecond: 4,
      freeBytes: 5,
      homeTrouble: null,
    });
    expect(useStatusStore.getState()).toMatchObject({
      downBytesPerSecond: 3,
      upBytesPerSecond: 4,
      freeBytes: 5,
    });
  });

  it("are not heard any more after the end", () => {
    const { publish, stop } = setUp();
    stop();
    publish({ type: "transfers", changed: [transfer], removed: [] });
    expect(useTransferStore.getState().byId.size).toBe(0);
  });
});
