import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";
import { sendStream } from "./send-stream.ts";

const KEY = "models/tree.tar";

let rig: FakeRig;
beforeEach(() => {
  rig = new FakeRig();
});
afterEach(() => {
  rig.close();
});

/** Chunks that fit no part, and what was read of them. */
function streamOf(bytes: Buffer) {
  let readBytes = 0;
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += 100_000) {
      const chunk = bytes.subarray(start, start + 100_000);
      readBytes += chunk.length;
      yield chunk;
    }
  }
  return { stream: chunks(), readBytes: () => readBytes };
}

function send(source: ReturnType<typeof streamOf>, expectedBytes: number, partSizeBytes = MiB) {
  const item = {
    key: KEY,
    condition: { kind: "absent" },
    asked: null,
    partSizeBytes,
    expectedBytes,
    ...source,
  } as const;
  return sendStream(item, rig.sendJournal, rig.tools, rig.controller.signal);
}

const stored = () => rig.store.objects.get(KEY)?.bytes;

describe("a stream of unknown length", () => {
  it.each([0, 1, MiB])("of %i bytes goes in one request", async (sizeBytes) => {
    const bytes = variedBytes(sizeBytes);
    const receipt = await send(streamOf(bytes), sizeBytes);
    expect(rig.store.calls).toEqual(["put"]);
    expect(stored()?.equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ sizeBytes, rung: "part-sha256", partCount: 1 });
    expect(rig.doneBytes()).toBe(sizeBytes);
  });

  it("goes in parts, its intent kept before it is opened, and says at last how long it was", async () => {
    const bytes = variedBytes(4 * MiB + 123);
    const receipt = await send(streamOf(bytes), MiB);
    expect(stored()?.equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ sizeBytes: bytes.length, partCount: 5, rung: "part-sha256" });
    expect(rig.doneBytes()).toBe(bytes.length);
    expect(rig.sendSteps.slice(0, 2)).toEqual(["intent", "opened"]);
    expect(rig.sendSteps.at(-1)).toBe("completing");
    expect(rig.store.uploads.size).toBe(0);
  });

  it("goes in parts that memory holds where larger ones are asked for", async () => {
    const bytes = variedBytes(3);
    await send(streamOf(bytes), bytes.length, 64 * MiB);
    expect(stored()?.equals(bytes)).toBe(true);
  });

  it("sends a part again that did not come through, from memory", async () => {
    rig.store.before = (call, attempt) => {
      if (call === "part 2" && attempt === 1) throw new LonghaulError("unreachable", "cut");
    };
    const bytes = variedBytes(3 * MiB);
    const receipt = await send(streamOf(bytes), bytes.length);
    expect(stored()?.equals(bytes)).toBe(true);
    expect(receipt.movedTwiceBytes).toBeGreaterThan(0);
  });

  it("leaves what is under the key alone", async () => {
    rig.store.seed(KEY, Buffer.from("other"));
    await expect(send(streamOf(variedBytes(3 * MiB)), MiB)).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(send(streamOf(variedBytes(3)), 3)).rejects.toMatchObject({ code: "conflict" });
    expect(stored()?.toString()).toBe("other");
  });

  it("knows its own object again after an answer that was lost", async () => {
    rig.store.after = (call, attempt) => {
      if (call === "put" && attempt === 1) throw new LonghaulError("unreachable", "lost");
    };
    const bytes = variedBytes(1000);
    expect(await send(streamOf(bytes), 1000)).toMatchObject({ partCount: 1 });
    expect(stored()?.equals(bytes)).toBe(true);
  });
});

describe("a stream that ends otherwise", () => {
  it("fails with what it says, and leaves an upload that the journal knows", async () => {
    const gone = new LonghaulError("source-changed", "a file vanished");
    async function* broken() {
      yield variedBytes(2 * MiB + 1);
      throw gone;
    }
    const source = { stream: broken(), readBytes: () => 0 };
    await expect(send(source, 4 * MiB)).rejects.toBe(gone);
    expect(stored()).toBeUndefined();
    expect(rig.sendResume).toMatchObject({ step: "opened" });
    expect(rig.store.uploads.size).toBe(1);
  });

  it("stops when it is canceled, with nothing under way", async () => {
    rig.store.before = (call) => {
      if (call === "part 2") rig.controller.abort();
    };
    await expect(send(streamOf(variedBytes(5 * MiB)), MiB)).rejects.toThrow("abort");
    expect(stored()).toBeUndefined();
  });

  it("is refused where it may be longer than the parts of an upload hold", async () => {
    const terabyte = 1024 ** 4;
    await expect(send(streamOf(Buffer.alloc(1)), terabyte)).rejects.toMatchObject({
      code: "unsupported",
    });
    expect(rig.store.calls).toEqual([]);
  });
});
