import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GiB, MiB, TiB } from "../bytes/sizes.ts";
import type { Volume } from "./free-space.ts";
import { keptFreeBytes, readVolumeOf, SpaceLedger } from "./free-space.ts";

/** 100 GiB disks, each with 20 GiB free: 1 GiB is kept. */
const volume = (folder: string): Volume => ({
  id: folder.slice(0, 2),
  freeBytes: 20 * GiB,
  totalBytes: 100 * GiB,
});
const ledgerOf = (read: (folder: string) => Volume = volume): SpaceLedger =>
  new SpaceLedger(async (folder) => read(folder));

describe("keptFreeBytes", () => {
  it.each([
    [100 * GiB, GiB],
    [TiB, Math.floor(TiB / 100)],
    [64 * MiB, Math.floor(6.4 * MiB)],
    [5 * GiB, GiB / 2],
  ])("keeps of %i bytes %i", (totalBytes, expected) => {
    expect(keptFreeBytes(totalBytes)).toBe(expected);
  });
});

describe("SpaceLedger", () => {
  it("counts what other transfers were promised", async () => {
    const ledger = ledgerOf();
    await ledger.reserve("/d/one", 12 * GiB);
    await expect(ledger.reserve("/d/two", 8 * GiB)).rejects.toMatchObject({
      code: "disk-full",
      details: { path: "/d/two", neededBytes: 8 * GiB, freeBytes: 7 * GiB },
    });
    await ledger.reserve("/d/two", 7 * GiB);
    await ledger.reserve("/e/other", 19 * GiB);
  });

  it("promises no byte twice to those who ask at once", async () => {
    const ledger = ledgerOf();
    const asked = ["a", "b", "c"].map((name) => ledger.reserve(`/d/${name}`, 8 * GiB));
    const settled = await Promise.allSettled(asked);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  });

  it("shrinks a promise as bytes land, and gives back the rest once", async () => {
    let freeBytes = 20 * GiB;
    const ledger = ledgerOf((folder) => ({ ...volume(folder), freeBytes }));
    const reservation = await ledger.reserve("/d", 10 * GiB);
    expect(await ledger.measure("/d")).toEqual({ freeBytes, reservedBytes: 11 * GiB });
    freeBytes -= 4 * GiB;
    reservation.used(4 * GiB);
    expect(await ledger.measure("/d")).toEqual({ freeBytes, reservedBytes: 7 * GiB });
    reservation.release();
    reservation.release();
    reservation.used(GiB);
    expect(await ledger.measure("/d")).toEqual({ freeBytes, reservedBytes: GiB });
  });

  it("does not count more bytes landed than were promised", async () => {
    const ledger = ledgerOf();
    const one = await ledger.reserve("/d", GiB);
    await ledger.reserve("/d", 2 * GiB);
    one.used(5 * GiB);
    expect(await ledger.measure("/d")).toMatchObject({ reservedBytes: 3 * GiB });
  });

  it("never says more is reserved than is free", async () => {
    const ledger = ledgerOf((folder) => ({ ...volume(folder), freeBytes: 10 }));
    expect(await ledger.measure("/d")).toEqual({ freeBytes: 10, reservedBytes: 10 });
    await expect(ledger.reserve("/d", 1)).rejects.toMatchObject({ details: { freeBytes: 0 } });
    await ledger.reserve("/d", 0);
  });
});

describe("readVolumeOf", () => {
  it("answers for a folder that is not there yet from its nearest parent", async () => {
    const real = await readVolumeOf(tmpdir());
    expect(real.totalBytes).toBeGreaterThan(real.freeBytes);
    const { id } = await readVolumeOf(join(tmpdir(), "not/there/yet"));
    expect(id).toBe(real.id);
  });

  it("says what is wrong with a path that goes through a file", async () => {
    await expect(readVolumeOf("/etc/passwd/x")).rejects.toMatchObject({ code: "folder-missing" });
  });
});
