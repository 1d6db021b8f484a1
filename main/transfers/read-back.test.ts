import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { nth, RunRig } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

const BYTES = variedBytes(2 * MiB + 5);

const upload = (bytes = BYTES, readBack = true) =>
  rig.upload({ sources: [rig.file("a.bin", bytes)], readBack });
const gets = () => rig.store.calls.filter((call) => call.startsWith("get "));

/** Flips a bit of what is read back, the first `times` times. */
function flipOnTheWay(times: number): void {
  let left = times;
  rig.wire.corrupt = (bytes) => {
    if (left > 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
    left -= 1;
    return bytes;
  };
}

describe("an upload that is read back", () => {
  it.each([0, 5, BYTES.length])(
    "fetches the object again and compares it: %i bytes",
    async (size) => {
      rig.rangeBytes = MiB;
      const id = await upload(BYTES.subarray(0, size));
      const { state } = await rig.rest(id);
      expect(state.phase).toBe("done");
      expect(gets()).toHaveLength(Math.ceil(size / MiB));
      expect(nth(await rig.items(id), 0).note).toBe("read back, equal");
    },
  );

  it("says that it verifies meanwhile", async () => {
    const phases = new Set<string>();
    rig.store.before = (call) => {
      if (!call.startsWith("get ")) return;
      const [transfer] = rig.book.list();
      const progress = transfer && rig.runner.progress(transfer.id);
      phases.add(progress?.isVerifying === true ? "verifying" : "moving");
    };
    await rig.rest(await upload());
    expect([...phases]).toEqual(["verifying"]);
  });

  it("fails as wrong where the store gives other bytes", async () => {
    rig.store.after = (call) => {
      if (call !== "complete") return;
      const kept = rig.store.objects.get("a.bin");
      kept?.bytes.writeUInt8((kept.bytes[7] ?? 0) ^ 1, 7);
    };
    const id = await upload();
    const { state } = await rig.rest(id);
    expect(state).toMatchObject({ phase: "failed", error: { code: "corrupt" } });
    expect(nth(await rig.items(id), 0).error?.details.cause).toBe("read-back");
  });

  it("reads a range again that was damaged on its way back", async () => {
    flipOnTheWay(1);
    expect((await rig.rest(await upload())).state.phase).toBe("done");
  });

  it("asks for less when the cap falls meanwhile", async () => {
    rig.wire.mostBytes = 300 * KiB;
    expect((await rig.rest(await upload())).state.phase).toBe("done");
    expect(gets().length).toBeGreaterThan(6);
  });

  it("reads back also what was there already", async () => {
    rig.store.seed("a.bin", BYTES, MiB);
    const id = await upload();
    await rig.rest(id);
    expect(nth(await rig.items(id), 0).note).toBe("already there; read back, equal");
  });
});

describe("the wish to read back", () => {
  it("is decided by the last command, for the unfinished transfer of the same", async () => {
    const path = rig.file("a.bin", BYTES);
    rig.limits.upload = 0;
    const first = await rig.upload({ sources: [path] });
    const again = await rig.upload({ sources: [path], readBack: true });
    expect(again).toBe(first);
    expect(rig.book.get(first).counters.isReadBack).toBe(true);
  });

  it("is needed: without it nothing is fetched", async () => {
    await rig.rest(await upload(BYTES, false));
    expect(gets()).toEqual([]);
  });
});

describe("a download that is read back", () => {
  it.each([
    ["digests of pieces", true, false],
    ["an MD5", false, false],
    ["nothing but the bytes", false, true],
  ])("compares the file with %s", async (_, isSha256Kept, isEtagOpaque) => {
    Object.assign(rig.store, { isSha256Kept, isEtagOpaque });
    rig.store.seed("a.bin", BYTES);
    const id = await rig.download({ keys: ["a.bin"], readBack: true });
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(nth(await rig.items(id), 0).note).toBe("read back, equal");
    expect(gets()).toHaveLength(isEtagOpaque ? 2 : 1);
  });

  it("fails as wrong where the disk gives other bytes", async () => {
    rig.store.seed("a.bin", BYTES);
    // Asked for its digests a second time, the store is about to see the file compared.
    rig.store.before = (call, attempt) => {
      if (call !== "pieces a.bin" || attempt !== 2) return;
      writeFileSync(rig.path("down/a.bin"), Buffer.alloc(BYTES.length));
    };
    const id = await rig.download({ keys: ["a.bin"], readBack: true });
    expect((await rig.rest(id)).state).toMatchObject({
      phase: "failed",
      error: { code: "corrupt" },
    });
  });
});
