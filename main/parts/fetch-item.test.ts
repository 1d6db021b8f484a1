import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { statFile } from "../disk/stat-file.ts";
import { abandonFetch } from "./abandon.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";
import { fetchItem } from "./fetch-item.ts";
import type { FetchItem } from "./ports.ts";

const KEY = "models/a.bin";
const SIZE = 4 * MiB + 123;
const bytes = variedBytes(SIZE);

let rig: FakeRig;
beforeEach(() => {
  rig = new FakeRig();
  rig.rangeBytes = MiB;
});
afterEach(() => {
  rig.close();
});

const fetch = (item: FetchItem, signal = rig.controller.signal) =>
  fetchItem(item, rig.fetchJournal, rig.tools, signal);
const failure = (code: "unreachable" | "access-denied" | "disk-failed") =>
  new LonghaulError(code, code);
const gets = (): string[] => rig.store.calls.filter((call) => call.startsWith("get "));
const partFiles = (): string[] =>
  existsSync(join(rig.folder, "out/models"))
    ? readdirSync(join(rig.folder, "out/models")).filter((name) => name.endsWith(".part"))
    : [];

/** The item as the journal would give it to the next run. */
const resumed = (item: FetchItem): FetchItem => ({ ...item, resume: rig.fetchResume });

/** Runs with one lane until the range at `start` is asked for, and is killed there. */
async function interruptedAt(start: number, partBytes = MiB): Promise<FetchItem> {
  rig.store.seed(KEY, bytes, partBytes);
  rig.lanes = 1;
  rig.store.before = (call) => {
    if (call.startsWith(`get ${start}-`)) throw failure("access-denied");
  };
  const item = rig.target(KEY);
  await expect(fetch(item)).rejects.toMatchObject({ code: "access-denied" });
  rig.store.before = () => undefined;
  rig.store.calls.length = 0;
  rig.seen.length = 0;
  return resumed(item);
}

describe("fetching an object", () => {
  it.each([
    ["pieces of one range", MiB],
    ["pieces smaller than a range", 300_000],
    ["pieces longer than a range", 3 * MiB],
    ["one piece", 0],
  ])("brings it whole and proven, with %s", async (_, partBytes) => {
    rig.store.seed(KEY, bytes, partBytes);
    const item = rig.target(KEY);
    const receipt = await fetch(item);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ rung: "part-sha256", sizeBytes: SIZE, notes: [] });
    expect(receipt.movedTwiceBytes).toBe(0);
    expect(rig.doneBytes()).toBe(SIZE);
    expect(partFiles()).toEqual([]);
    expect([rig.slots.heldCount, rig.wire.closed.length > 0]).toEqual([0, true]);
  });

  it.each([0, 1, MiB, 3 * MiB])("brings %i bytes", async (sizeBytes) => {
    rig.store.seed(KEY, bytes.subarray(0, sizeBytes));
    const item = rig.target(KEY);
    const receipt = await fetch(item);
    expect(readFileSync(item.path).equals(bytes.subarray(0, sizeBytes))).toBe(true);
    expect(receipt.rung).toBe(sizeBytes === 0 ? "md5-etag" : "part-sha256");
    expect(rig.stages()[0]).toBe("preparing");
    expect(rig.stages().at(-1)).toBe("finalising");
  });

  it("names the digest of the whole file where the origin has it", async () => {
    rig.store.seed(KEY, bytes);
    const { sha256 } = await fetch(rig.target(KEY));
    expect(sha256).toBe(rig.store.objects.get(KEY)?.pieces?.[0]?.sha256);
  });

  it("shows nothing under the final name before every byte is there, synced and proven", async () => {
    rig.store.seed(KEY, bytes, MiB);
    const item = rig.target(KEY);
    rig.store.before = () => {
      expect(existsSync(item.path)).toBe(false);
    };
    rig.wire.onSync = () => {
      expect(existsSync(item.path)).toBe(false);
    };
    await fetch(item);
    expect(rig.wire.synced.length).toBeGreaterThan(0);
  });

  it("asks ranges as large as the cap of the moment allows", async () => {
    rig.store.seed(KEY, bytes.subarray(0, 2 * MiB));
    rig.store.isSha256Kept = false;
    rig.rangeBytes = 512 * 1024;
    await fetch(rig.target(KEY));
    expect(gets()).toHaveLength(4);
  });
});

describe("a cap that falls while a fetch runs", () => {
  it("makes ranges that were planned smaller, and the pieces are proven all the same", async () => {
    rig.store.seed(KEY, bytes, MiB);
    rig.store.before = (call) => {
      if (call === "get 0-1048576") rig.rangeBytes = 256 * 1024;
    };
    rig.lanes = 1;
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "part-sha256", movedTwiceBytes: 0 });
    expect(gets()).toHaveLength(14);
  });

  it("asks for less when the wire says that a range is too long", async () => {
    rig.store.seed(KEY, bytes, MiB);
    rig.wire.mostBytes = 300_000;
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "part-sha256" });
    expect(rig.clock.sleptMs).toEqual([]);
  });
});

describe("what an endpoint may do to a fetch", () => {
  it("keeps what came before a cut and asks only for the rest", async () => {
    rig.store.seed(KEY, bytes, MiB);
    rig.wire.cutAfter = (name, attempt) =>
      name === `0-${MiB}` && attempt === 1 ? 70_000 : undefined;
    const receipt = await fetch(rig.target(KEY));
    expect(gets()).toContain(`get 70000-${MiB}`);
    expect(rig.clock.sleptMs).toEqual([]);
    expect(receipt).toMatchObject({ rung: "part-sha256", movedTwiceBytes: 0 });
  });

  it("waits before it asks again when next to nothing came", async () => {
    rig.store.seed(KEY, bytes, MiB);
    rig.wire.cutAfter = (name, attempt) => (name === `0-${MiB}` && attempt === 1 ? 10 : undefined);
    await fetch(rig.target(KEY));
    expect(gets()).toContain(`get 10-${MiB}`);
    expect(rig.clock.sleptMs).toHaveLength(1);
  });

  it("tries again without an end of one part stopping the others", async () => {
    rig.store.seed(KEY, bytes, MiB);
    rig.store.before = (call, attempt) => {
      if (call.startsWith(`get ${MiB}-`) && attempt < 3) throw failure("unreachable");
    };
    await fetch(rig.target(KEY));
    expect(rig.clock.sleptMs).toHaveLength(2);
    expect(gets()).toHaveLength(7);
  });

  it("never mixes two versions of an object", async () => {
    rig.store.seed(KEY, bytes, MiB);
    const item = rig.target(KEY);
    rig.store.before = (call) => {
      if (call.startsWith(`get ${2 * MiB}-`)) rig.store.seed(KEY, Buffer.alloc(SIZE, 1), MiB);
    };
    await expect(fetch(item)).rejects.toMatchObject({ code: "object-changed" });
    expect(existsSync(item.path)).toBe(false);
  });

  it("calls an object changed that is removed on the way, and missing that never was there", async () => {
    rig.store.seed(KEY, bytes, MiB);
    const item = rig.target(KEY);
    rig.lanes = 1;
    rig.store.before = (call) => {
      if (call.startsWith(`get ${2 * MiB}-`)) rig.store.objects.clear();
    };
    await expect(fetch(item)).rejects.toMatchObject({ code: "object-changed" });
    await expect(fetch(item)).rejects.toMatchObject({ code: "object-missing" });
  });

  it("fetches a piece again that arrived wrong, and says so", async () => {
    rig.store.seed(KEY, bytes, MiB);
    let isFirst = true;
    rig.wire.corrupt = (arrived, start) => {
      if (start === MiB && isFirst) arrived[5] = 1 + (arrived[5] ?? 0);
      if (start === MiB) isFirst = false;
      return arrived;
    };
    const item = rig.target(KEY);
    const receipt = await fetch(item);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ rung: "part-sha256", movedTwiceBytes: MiB });
    expect(rig.doneBytes()).toBe(SIZE);
  });

  it("gives up on a piece that is wrong twice, and leaves no file", async () => {
    rig.store.seed(KEY, bytes, 3 * MiB);
    rig.wire.corrupt = (arrived, start) => (start === MiB ? Buffer.alloc(arrived.length) : arrived);
    const item = rig.target(KEY);
    await expect(fetch(item)).rejects.toMatchObject({ code: "corrupt", details: { key: KEY } });
    expect(existsSync(item.path)).toBe(false);
  });
});

describe("proof without digests of pieces", () => {
  beforeEach(() => {
    rig.store.isSha256Kept = false;
  });

  it.each([
    ["one PUT", 0],
    ["parts of a usual size", MiB * 5],
  ])("compares the MD5 that the ETag of %s names", async (_, partBytes) => {
    const large = variedBytes(11 * MiB);
    rig.store.seed(KEY, large, partBytes);
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "md5-etag", sha256: null });
    expect(rig.seen).toContainEqual(["verified", 11 * MiB]);
    expect(rig.stages()).toEqual(["preparing", "moving", "verifying", "finalising"]);
  });

  it("takes the part size that the store knows", async () => {
    rig.store.seed(KEY, bytes, 777_777);
    rig.store.uploadedPartBytes = async () => 777_777;
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "md5-etag" });
  });

  it("claims no more than the size where nothing matches", async () => {
    rig.store.seed(KEY, bytes, 777_777);
    expect(await fetch(rig.target(KEY))).toMatchObject({ rung: "size" });
    rig.store.isEtagOpaque = true;
    rig.store.seed("other", bytes);
    expect(await fetch(rig.target("other"))).toMatchObject({ rung: "size" });
  });
});

describe("going on with a fetch", () => {
  it("asks only for what is not durable", async () => {
    const item = await interruptedAt(3 * MiB);
    const receipt = await fetch(item);
    expect(gets()).toEqual([`get ${3 * MiB}-${4 * MiB}`, `get ${4 * MiB}-${SIZE}`]);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
    expect(receipt).toMatchObject({ rung: "part-sha256", movedTwiceBytes: 0 });
    expect([rig.keptBytes(), rig.doneBytes()]).toEqual([3 * MiB, SIZE]);
    expect(rig.wire.digestCount).toBe(0);
  });

  it("proves a piece by reading back when its ranges came in two runs", async () => {
    const item = await interruptedAt(MiB, 3 * MiB);
    expect(await fetch(item)).toMatchObject({ rung: "part-sha256" });
    expect(gets()[0]).toBe(`get ${MiB}-${2 * MiB}`);
    expect(rig.wire.digestCount).toBeGreaterThan(0);
  });

  it("reads back what was durable but never proven, and fetches again what is wrong", async () => {
    const item = await interruptedAt(3 * MiB);
    if (item.resume === null) throw new Error("nothing journaled");
    const held = readFileSync(item.resume.part.path);
    held[MiB + 1] = 1 + (held[MiB + 1] ?? 0);
    writeFileSync(item.resume.part.path, held);
    const receipt = await fetch({ ...item, resume: { ...item.resume, proven: [] } });
    expect(gets()).toContain(`get ${MiB}-${2 * MiB}`);
    expect(receipt.movedTwiceBytes).toBe(MiB);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });

  it.each([
    ["is gone", (path: string) => rmSync(path)],
    ["is shorter", (path: string) => truncateSync(path, 10)],
    [
      "was replaced",
      (path: string) => {
        writeFileSync(`${path}.other`, Buffer.alloc(SIZE));
        renameSync(`${path}.other`, path);
      },
    ],
    [
      "is a link",
      (path: string) => {
        renameSync(path, `${path}.moved`);
        symlinkSync(`${path}.moved`, path);
      },
    ],
  ])("begins anew when the partial file %s", async (_, change) => {
    const item = await interruptedAt(3 * MiB);
    change(item.resume?.part.path ?? "");
    await fetch(item);
    expect(gets()).toHaveLength(5);
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });

  it("begins anew when the object is another one, and removes the old partial file", async () => {
    const item = await interruptedAt(3 * MiB);
    const other = Buffer.alloc(SIZE, 7);
    rig.store.seed(KEY, other, MiB);
    await fetch({ ...rig.target(KEY), resume: item.resume });
    expect(readFileSync(item.path).equals(other)).toBe(true);
    expect(partFiles()).toEqual([]);
  });

  it("finishes what a crash left between the final name and the journal", async () => {
    const item = await interruptedAt(4 * MiB);
    await fetch(item);
    rig.store.calls.length = 0;
    // The journal still has the last save, the file its final name.
    const receipt = await fetch(resumed(item));
    expect(gets()).toEqual([]);
    expect(receipt).toMatchObject({ rung: "part-sha256", notes: [] });
    expect(rig.wire.digestCount).toBe(5);
  });

  it("leaves what arrived durable when it is aborted", async () => {
    rig.store.seed(KEY, bytes, MiB);
    rig.lanes = 1;
    rig.store.before = (call) => {
      if (call.startsWith(`get ${2 * MiB}-`)) rig.controller.abort();
    };
    await expect(fetch(rig.target(KEY))).rejects.toMatchObject({ name: "AbortError" });
    expect(rig.fetchResume?.durable).toEqual([{ start: 0, end: 2 * MiB }]);
    expect(rig.fetchResume?.proven).toEqual([{ start: 0, end: 2 * MiB }]);
    expect(partFiles()).toHaveLength(1);
  });

  it("journals nothing as durable that the disk did not keep", async () => {
    rig.store.seed(KEY, bytes, MiB);
    rig.wire.onSync = () => {
      throw failure("disk-failed");
    };
    await expect(fetch(rig.target(KEY))).rejects.toMatchObject({ code: "disk-failed" });
    expect(rig.fetchResume?.durable).toEqual([]);
  });

  it("removes the partial file of a fetch that is given up, and nothing else", async () => {
    const item = await interruptedAt(3 * MiB);
    if (item.resume === null) throw new Error("nothing journaled");
    await abandonFetch(item.resume);
    expect(partFiles()).toEqual([]);
    writeFileSync(item.resume.part.path, "somebody else's");
    await abandonFetch(item.resume);
    expect(partFiles()).toHaveLength(1);
  });
});

describe("the final name of a fetch", () => {
  const occupy = (item: FetchItem): void => {
    mkdirSync(join(item.path, ".."), { recursive: true });
    writeFileSync(item.path, "mine");
  };

  it("is refused before a byte moves when something has it", async () => {
    rig.store.seed(KEY, bytes);
    const item = rig.target(KEY);
    occupy(item);
    await expect(fetch(item)).rejects.toMatchObject({ code: "conflict" });
    expect(gets()).toEqual([]);
    expect(readFileSync(item.path, "utf8")).toBe("mine");
  });

  it("is not taken from a file that came meanwhile", async () => {
    rig.store.seed(KEY, bytes);
    const item = rig.target(KEY);
    rig.store.after = (call) => {
      if (call.startsWith("get ")) occupy(item);
    };
    await expect(fetch(item)).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(item.path, "utf8")).toBe("mine");
  });

  it("replaces the file that was agreed, and only while it is what it was", async () => {
    rig.store.seed(KEY, bytes);
    const item = rig.target(KEY);
    occupy(item);
    const { stamp } = await statFile(item.path);
    writeFileSync(item.path, "edited since");
    await expect(fetch({ ...item, replaces: stamp })).rejects.toMatchObject({ code: "conflict" });
    await fetch({ ...item, replaces: (await statFile(item.path)).stamp });
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });

  it("is not given where a link leads out of the destination", async () => {
    rig.store.seed(KEY, bytes);
    mkdirSync(join(rig.folder, "inside"));
    mkdirSync(join(rig.folder, "outside"));
    symlinkSync(join(rig.folder, "outside"), join(rig.folder, "inside/link"));
    const path = join(rig.folder, "inside/link/a.bin");
    const item = rig.target(KEY, { root: join(rig.folder, "inside"), path });
    await expect(fetch(item)).rejects.toMatchObject({ code: "path-unsafe" });
    expect(readdirSync(join(rig.folder, "outside"))).toEqual([]);
  });

  it("needs the destination to be there", async () => {
    rig.store.seed(KEY, bytes);
    const root = join(rig.folder, "unplugged");
    const item = rig.target(KEY, { root, path: join(root, "a.bin") });
    await expect(fetch(item)).rejects.toMatchObject({ code: "folder-missing" });
    expect(existsSync(root)).toBe(false);
  });
});
