import { describe, expect, it } from "vitest";
import { TransferId } from "#shared/transfer.ts";
import type { Direction } from "#shared/transfer.ts";
import type { TransferState } from "./transfer-state.ts";
import { chooseToStart, positionFor } from "./slots.ts";
import { newRecord } from "./transfer-record.ts";
import { aDownloadSpec, anUploadSpec } from "./fixtures.ts";

const queued: TransferState = { phase: "queued" };
const running: TransferState = { phase: "running", sinceMs: 0 };
const paused: TransferState = { phase: "paused", cause: "user", sinceMs: 0, error: null };

function record(n: number, direction: Direction, state: TransferState) {
  const id = TransferId.parse(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
  const spec = direction === "upload" ? anUploadSpec() : aDownloadSpec();
  return { ...newRecord(id, spec, "x", { position: n, wallMs: 0 }), state };
}

const limits = { upload: 1, download: 2 };

describe("chooseToStart", () => {
  it("fills free slots in queue order, each direction on its own", () => {
    const rows = [
      record(1, "upload", queued),
      record(2, "upload", queued),
      record(3, "download", queued),
      record(4, "download", queued),
      record(5, "download", queued),
    ];
    const started = chooseToStart(rows, limits, () => false);
    expect(started).toEqual([rows[0]?.id, rows[2]?.id, rows[3]?.id]);
  });

  it("counts what runs and leaves alone what is paused", () => {
    const rows = [record(1, "download", running), record(2, "download", paused)];
    const waiting = record(3, "download", queued);
    expect(chooseToStart([...rows, waiting], limits, () => false)).toEqual([waiting.id]);
  });

  it("waits for the earlier run of the same transfer to end", () => {
    const again = record(1, "upload", queued);
    const other = record(2, "upload", queued);
    expect(chooseToStart([again, other], limits, (id) => id === again.id)).toEqual([]);
  });
});

describe("positionFor", () => {
  it.each([
    ["top", 3, 0],
    ["bottom", 3, 6],
    ["up", 3, 1.5],
    ["down", 3, 4.5],
    ["up", 0.5, 0.5],
    ["down", 9, 9],
    ["up", 1.5, 0],
    ["down", 4.5, 6],
  ] as const)("moves to the %s from %d", (to, current, expected) => {
    expect(positionFor([1, 2, 4, 5], current, to)).toBe(expected);
  });
});
