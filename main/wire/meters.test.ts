import { expect, it } from "vitest";
import { MeterCells, MeterTable } from "./meters.ts";

it("counts what a worker adds, each meter by itself", () => {
  const table = new MeterTable(4);
  const cells = new MeterCells(table.cells);
  const [a, b] = [table.open(), table.open()];
  cells.addMoved(a.slot, 5e12);
  cells.addMoved(a.slot, 1);
  cells.addDigested(b.slot, 7);
  expect([a.movedBytes(), a.digestedBytes(), b.movedBytes(), b.digestedBytes()]).toEqual([
    5e12 + 1,
    0,
    0,
    7,
  ]);
});

it("counts nothing for nobody", () => {
  const table = new MeterTable(2);
  new MeterCells(table.cells).addMoved(-1, 10);
  expect(table.open().movedBytes()).toBe(0);
});

it("starts at zero in a slot that was used before", () => {
  const table = new MeterTable(1);
  const cells = new MeterCells(table.cells);
  const first = table.open();
  cells.addMoved(first.slot, 10);
  first.free();
  first.free();
  const second = table.open();
  expect([second.slot, second.movedBytes()]).toEqual([first.slot, 0]);
  expect(() => table.open()).toThrow("all meters are in use");
});

it("uses the slot again that has been free for the longest", () => {
  const table = new MeterTable(3);
  const [a, b] = [table.open(), table.open()];
  a.free();
  b.free();
  expect([table.open().slot, table.open().slot]).toEqual([2, a.slot]);
});

it("E8 a meter has a cap of its own, which ends with it", () => {
  const table = new MeterTable(1);
  const meter = table.open();
  meter.setCap(5000);
  expect(table.capsOf(meter)[0]?.bucket.perSecond).toBe(5000);
  meter.free();
  meter.setCap(7000);
  expect(() => table.capsOf(meter)).toThrow(/after its end/);
  expect(table.capsOf(table.open())[0]?.bucket.perSecond).toBeNull();
});

it("shares the cap of its group with the others of it, beside its own", () => {
  const table = new MeterTable(4);
  const group = table.open();
  const [a, b] = [table.open(group), table.open(group)];
  expect([a.group, b.group, group.group]).toEqual([group.slot, group.slot, -1]);
  group.setCap(9000);
  a.setCap(5000);
  const ratesOf = (meter: typeof a) => table.capsOf(meter).map(({ bucket }) => bucket.perSecond);
  expect([ratesOf(a), ratesOf(b)]).toEqual([
    [5000, 9000],
    [null, 9000],
  ]);
});
