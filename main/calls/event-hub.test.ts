import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HostEvent } from "#shared/contract.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { aTransferId } from "../transfers/journal-fixtures.ts";
import { aTransferView } from "./calls-rig.ts";
import { EventHub } from "./event-hub.ts";

const [first, second] = [aTransferId(1), aTransferId(2)];

let views: Map<TransferId, TransferView>;
let hub: EventHub;
let heard: HostEvent[];

beforeEach(() => {
  vi.useFakeTimers();
  views = new Map([first, second].map((id) => [id, aTransferView({ id })]));
  hub = new EventHub((id) => views.get(id) ?? null);
  heard = [];
  hub.onEvent((event) => heard.push(event));
});

afterEach(() => {
  vi.useRealTimers();
});

describe("transfers", () => {
  it("are told together, a quarter of a second after the first change", () => {
    hub.changed(first);
    vi.advanceTimersByTime(200);
    hub.changed(second);
    hub.changed(first);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(heard).toEqual([
      { type: "transfers", changed: [views.get(first), views.get(second)], removed: [] },
      { type: "items", ids: [first, second] },
    ]);
  });

  it("are told at most four times a second, whatever happens", () => {
    for (let ms = 0; ms < 10_000; ms += 1) {
      hub.changed(first);
      vi.advanceTimersByTime(1);
    }
    const batches = heard.filter(({ type }) => type === "transfers");
    expect(batches.length).toBeLessThanOrEqual(40);
    expect(batches.length).toBeGreaterThanOrEqual(38);
  });

  it("are told soon when they are in another phase, with what waited", () => {
    hub.changed(first);
    vi.advanceTimersByTime(5);
    hub.changed(second, true);
    vi.advanceTimersByTime(20);
    expect(heard[0]).toMatchObject({ changed: [views.get(first), views.get(second)] });
    vi.advanceTimersByTime(1000);
    expect(heard).toHaveLength(2);
  });

  it("are told of their phases at most fifty times a second", () => {
    for (let ms = 0; ms < 1000; ms += 1) {
      hub.changed(first, true);
      vi.advanceTimersByTime(1);
    }
    expect(heard.filter(({ type }) => type === "transfers").length).toBeLessThanOrEqual(50);
  });

  it("are told as they are when they are told, not when they changed", () => {
    hub.changed(first);
    const later = aTransferView({ id: first, doneBytes: 77 });
    views.set(first, later);
    vi.advanceTimersByTime(250);
    expect(heard[0]).toMatchObject({ changed: [later] });
  });

  it("that are gone are told as removed, once", () => {
    hub.changed(first);
    hub.changed(second);
    views.delete(second);
    vi.advanceTimersByTime(250);
    expect(heard[0]).toMatchObject({ changed: [{ id: first }], removed: [second] });
    hub.changed(first);
    vi.advanceTimersByTime(250);
    expect(heard[2]).toMatchObject({ changed: [{ id: first }], removed: [] });
  });
});

it("transfers that do not change are not told", () => {
  hub.changed(first);
  vi.advanceTimersByTime(60_000);
  expect(heard).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});

describe("the status", () => {
  const idle = { downBytesPerSecond: 0, upBytesPerSecond: 0, freeBytes: 5, homeTrouble: null };

  it("is told at once, and again only when it is another", () => {
    hub.status(idle);
    hub.status({ ...idle });
    hub.status({ ...idle, freeBytes: null });
    hub.status({ ...idle, freeBytes: null });
    expect(heard).toEqual([
      { type: "status", ...idle },
      { type: "status", ...idle, freeBytes: null },
    ]);
  });
});

describe("a journal that cannot be written", () => {
  it("is told again and again, to who comes late", () => {
    const error = { code: "disk-full", message: "", details: {} } as const;
    const status = { downBytesPerSecond: 0, upBytesPerSecond: 0, freeBytes: 5, homeTrouble: error };
    hub.status(status);
    hub.status({ ...status });
    expect(heard).toHaveLength(2);
  });
});

describe("listeners", () => {
  it("all hear the same until they stop", () => {
    const other: HostEvent[] = [];
    const stop = hub.onEvent((event) => other.push(event));
    hub.emit({ type: "items", ids: [] });
    stop();
    hub.emit({ type: "items", ids: [first] });
    expect(other).toEqual([{ type: "items", ids: [] }]);
    expect(heard).toHaveLength(2);
  });

  it("hear what waited when it closes, and nothing after", () => {
    hub.changed(first);
    hub.close();
    expect(heard).toMatchObject([{ changed: [{ id: first }] }, { type: "items" }]);
    hub.changed(second);
    hub.emit({ type: "items", ids: [second] });
    vi.advanceTimersByTime(1000);
    expect(heard).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("hear nothing at the close when nothing waited", () => {
    hub.close();
    expect(heard).toEqual([]);
  });
});
