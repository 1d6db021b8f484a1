import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HostEvent } from "#shared/contract.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { anUploadSpec } from "../transfers/fixtures.ts";
import { aTransferId } from "../transfers/journal-fixtures.ts";
import { newRecord } from "../transfers/transfer-record.ts";
import { toView } from "../transfers/transfer-view.ts";
import { EventHub } from "./event-hub.ts";

const [first, second] = [aTransferId(1), aTransferId(2)];
const STATUS = { downBytesPerSecond: 0, upBytesPerSecond: 0, freeBytes: null };
let gone: Set<TransferId>;
let heard: HostEvent[];
let hub: EventHub;

function viewOf(id: TransferId): TransferView | null {
  if (gone.has(id)) return null;
  return toView(newRecord(id, anUploadSpec(), "t", { position: 1, wallMs: 0 }), null, "Lab");
}

beforeEach(() => {
  vi.useFakeTimers();
  gone = new Set();
  heard = [];
  hub = new EventHub(viewOf);
  hub.onEvent((event) => heard.push(event));
});

afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

function told(): [string[], TransferId[]][] {
  return heard.flatMap((event) =>
    event.type === "transfers" ? [[event.changed.map(({ id }) => id), event.removed]] : [],
  );
}

describe("changes of transfers", () => {
  it("are told together, each transfer once, four times a second at most", () => {
    for (let ms = 0; ms < 2000; ms += 10) {
      hub.changed(first);
      if (ms % 500 === 0) hub.changed(second);
      vi.advanceTimersByTime(10);
    }
    expect(told().length).toBe(8);
    expect(told()[0]).toEqual([[first, second], []]);
    expect(told()[1]).toEqual([[first], []]);
  });

  it("say which are gone", () => {
    hub.changed(first);
    hub.changed(second);
    gone.add(first);
    vi.advanceTimersByTime(250);
    expect(told()).toEqual([[[second], [first]]]);
    expect(heard.at(-1)).toEqual({ type: "items", ids: [first, second] });
  });

  it("are nothing at all while nothing changes", () => {
    vi.advanceTimersByTime(60_000);
    expect(heard).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that wait are told when it closes, and nobody hears any after", () => {
    hub.changed(first);
    hub.close();
    expect(told()).toEqual([[[first], []]]);
    hub.changed(second);
    vi.advanceTimersByTime(1000);
    expect(told().length).toBe(1);
  });
});

describe("a listener", () => {
  it("hears everything else at once, until it stops listening", () => {
    const also: HostEvent[] = [];
    const stop = hub.onEvent((event) => also.push(event));
    hub.emit({ type: "profiles", profiles: [] });
    stop();
    hub.emit({ type: "profiles", profiles: [] });
    expect([heard.length, also.length]).toEqual([2, 1]);
  });

  it("hears the status when it is another than before", () => {
    hub.status(STATUS);
    hub.status({ ...STATUS });
    hub.status({ ...STATUS, freeBytes: 5 });
    expect(heard.length).toBe(2);
  });
});
