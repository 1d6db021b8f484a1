import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TransferDetail } from "#shared/transfer.ts";
import { MiB } from "../bytes/sizes.ts";
import { ITEMS_PER_COMMIT } from "./journal.ts";
import { someItems } from "./journal-fixtures.ts";
import { RunProgress } from "./run-progress.ts";
import { RunRig, someId } from "./run-rig.ts";
import { anUploadSpec } from "./fixtures.ts";
import { readDetail } from "./transfer-detail.ts";
import { newRecord } from "./transfer-record.ts";

let rig: RunRig;
const id = someId();

beforeEach(async () => {
  rig = new RunRig();
  rig.isOurs = () => false;
  await rig.book.add(newRecord(id, anUploadSpec(), "llama", { position: 1, wallMs: 0 }));
});

afterEach(async () => {
  await rig.close();
});

async function add(count: number): Promise<void> {
  for (let from = 0; from < count; from += ITEMS_PER_COMMIT) {
    const page = someItems(Math.min(ITEMS_PER_COMMIT, count - from), { from });
    const itemCount = from + page.length;
    const listing = { isComplete: itemCount === count, source: 1, cursor: null, itemCount };
    await rig.book.addItems(id, page, listing);
  }
}

async function detail(progress?: RunProgress) {
  const read = await readDetail(rig.book.get(id), progress, rig.journal);
  expect(TransferDetail.parse(read)).toEqual(read);
  return read;
}

async function change(index: number, phase: "done" | "failed" | "skipped"): Promise<void> {
  const row = (await rig.items(id))[index];
  if (row) await rig.book.changeItem(row, { phase });
}

describe("the map of files", () => {
  it("has a cell a file while there are few", async () => {
    await add(5);
    await change(0, "done");
    await change(1, "skipped");
    await change(2, "failed");
    const progress = new RunProgress(rig.wire.openMeter(), 0);
    progress.begin(3, { sizeBytes: 1, doneBytes: 0 });
    expect((await detail(progress)).map).toEqual({
      unit: "file",
      total: 5,
      done: 2,
      inFlight: 1,
      perCell: 1,
      cells: "##!>.",
    });
  });

  it("has several files in a cell where there are many, the last cell fewer", async () => {
    await add(1401);
    await change(1400, "done");
    await change(0, "done");
    const { map } = await detail();
    expect(map).toMatchObject({ perCell: 3, total: 1401, done: 2 });
    expect(map.cells.length).toBe(467);
    expect(map.cells.at(0)).toBe("-");
  });

  it("is left out where it would cost more than it tells", async () => {
    await add(20_001);
    let reads = 0;
    const items = rig.journal.items.bind(rig.journal);
    rig.journal.items = async (query) => {
      reads += 1;
      return await items(query);
    };
    expect((await detail()).map).toMatchObject({ total: 20_001, cells: "" });
    expect(reads).toBe(0);
  });

  it("is of nothing while nothing was found", async () => {
    expect((await detail()).map).toMatchObject({ total: 0, perCell: 1, cells: "" });
  });
});

it("draws the parts of an only item that is under way, and its file at rest", async () => {
  await add(1);
  const progress = new RunProgress(rig.wire.openMeter(), 0);
  progress.begin(0, { sizeBytes: 40 * MiB, doneBytes: 0 }).done({ start: 0, end: 16 * MiB });
  expect((await detail(progress)).map).toMatchObject({ unit: "part", cells: "#.." });
  expect((await detail()).map).toMatchObject({ unit: "file", cells: "." });
});

it("has the log, oldest first", async () => {
  await rig.book.log(id, "info", "first");
  await rig.book.log(id, "warn", "second");
  expect((await detail()).log.map(({ level, text }) => [level, text])).toEqual([
    ["info", "first"],
    ["warn", "second"],
  ]);
});
