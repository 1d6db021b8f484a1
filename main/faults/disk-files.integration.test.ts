import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { copyFileSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { truncateSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { MiB } from "../bytes/sizes.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";
import type { Fetched } from "./fault-rig.ts";

const profileId = ProfileId.parse("lab");

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open({ pace: 20, waits: { stallMs: 20_000 } });
}, 60_000);
afterAll(async () => {
  await rig.close();
});

/** How another program may treat a partial file between two runs of the engine. */
const MEDDLINGS: readonly {
  readonly title: string;
  readonly meddle: (part: string) => void;
  /** Whether what had come can be kept. */
  readonly isKept: boolean;
}[] = [
  {
    title: "edited",
    meddle: (part) => edit(part),
    isKept: true,
  },
  {
    title: "edited, and given its old time back",
    meddle: (part) => {
      const { atime, mtime } = statSync(part);
      edit(part);
      utimesSync(part, atime, mtime);
    },
    isKept: true,
  },
  { title: "truncated", meddle: (part) => truncateSync(part, MiB), isKept: false },
  {
    title: "replaced by a copy",
    meddle: (part) => {
      copyFileSync(part, `${part}.copy`);
      renameSync(`${part}.copy`, part);
    },
    isKept: false,
  },
  {
    title: "replaced by a link",
    meddle: (part) => {
      rmSync(part);
      symlinkSync("/etc/hostname", part);
    },
    isKept: false,
  },
  { title: "removed", meddle: (part) => rmSync(part), isKept: false },
];

function edit(part: string): void {
  const file = openSync(part, "r+");
  writeSync(file, Buffer.from("wrong"), 0, 5, 1000);
  closeSync(file);
}

function partOf({ path }: Fetched): string {
  const folder = dirname(path);
  const name = readdirSync(folder).find((each) => each.endsWith(".part"));
  if (name === undefined) throw new Error("there is no partial file");
  return join(folder, name);
}

/** An object of four pieces of 5 MiB. */
async function fourPieces() {
  const sent = await rig.upload(20 * MiB);
  await rig.until(sent.id, ({ state }) => state.phase === "done");
  // What was sent is a copy of the object: nothing would be fetched.
  rmSync(sent.path);
  return sent;
}

/** Three of four pieces are here, durable and proven; the rest does not come before the engine stops. */
async function halfFetched(key: string): Promise<Fetched> {
  await rig.script({
    on: { op: "GetObject", start: 15 * MiB },
    times: null,
    fault: { kind: "break", how: "silence", at: "head" },
  });
  const fetched = await rig.download(key);
  await rig.until(fetched.id, ({ doneBytes }) => doneBytes === 15 * MiB);
  await rig.stop();
  await rig.script();
  return fetched;
}

it.each(MEDDLINGS)(
  "D12 partial file that is $title between two runs: no byte of it gets into the file",
  async ({ meddle, isKept }) => {
    const { key, sha256 } = await fourPieces();
    const fetched = await halfFetched(key);
    meddle(partOf(fetched));
    await rig.start();
    expect(await rig.rest(fetched.id)).toMatchObject({ state: { phase: "done" } });
    expect(await rig.fileSha256(fetched.path)).toBe(sha256);
    const ranges = rig.requests({ op: "GetObject" }).map(({ range }) => range);
    // The piece that is wrong is found by its digest, and fetched again; or all of it is.
    expect(ranges).toHaveLength(2);
    expect(ranges).toContain(isKept ? `0-${5 * MiB}` : `0-${15 * MiB}`);
    expect(ranges).toContain(`${15 * MiB}-${20 * MiB}`);
  },
);

it("D12 partial file that nobody touched between two runs: is gone on with", async () => {
  const { key, sha256 } = await fourPieces();
  const fetched = await halfFetched(key);
  await rig.start();
  expect(await rig.rest(fetched.id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(fetched.path)).toBe(sha256);
  expect(rig.count({ op: "GetObject" })).toBe(1);
});

it("E5 two transfers into one name: one file, never mixed, the other asks", async () => {
  const [first, second] = [rig.bytes(20 * MiB), rig.bytes(20 * MiB)];
  await rig.put("a/same.bin", first);
  await rig.put("b/same.bin", second);
  await rig.script({
    on: { op: "GetObject" },
    times: null,
    fault: { kind: "trickle", bytesPerSecond: 40 * MiB },
  });
  const folder = join(rig.folder, "two-writers");
  mkdirSync(folder);
  const into = { folder: { path: folder } };
  const ids = [await rig.download("a/same.bin", into), await rig.download("b/same.bin", into)];
  const views = await Promise.all(ids.map(({ id }) => rig.rest(id)));
  const done = views.findIndex(({ state }) => state.phase === "done");
  expect(views[done === 0 ? 1 : 0]).toMatchObject({
    state: { phase: expect.stringMatching(/paused|failed/) as string },
  });
  expect(sha256Of(readFileSync(join(folder, "same.bin")))).toBe(
    sha256Of(done === 0 ? first : second),
  );
});

it("E6 bytes that are not the origin's: never under a final name, never trusted by a later run", async () => {
  const { key } = await rig.seed(6 * MiB);
  await rig.script({
    on: { op: "GetObject" },
    times: null,
    fault: { kind: "flip", where: "sent", atByte: 4000 },
  });
  const fetched = await rig.download(key);
  expect(await rig.rest(fetched.id)).toMatchObject({
    state: { phase: "failed", error: { code: "corrupt" } },
  });
  expect(existsSync(fetched.path)).toBe(false);
  await rig.script();
  await rig.client.call("transfer.retry", { id: fetched.id });
  expect(await rig.until(fetched.id, ({ state }) => state.phase === "done")).toMatchObject({
    rung: "part-sha256",
  });
  // The bytes that were wrong are not what it went on with.
  expect(rig.requests({ op: "GetObject" }).map(({ range }) => range)).toContain(`0-${6 * MiB}`);
});

it("E7 cancel of a download: removes its own partial file and nothing beside it", async () => {
  const { key } = await rig.seed(20 * MiB);
  await rig.script({
    on: { op: "GetObject" },
    times: null,
    fault: { kind: "trickle", bytesPerSecond: 4 * MiB },
  });
  const fetched = await rig.download(key);
  await rig.until(fetched.id, ({ inFlightBytes }) => inFlightBytes > 0);
  const folder = dirname(fetched.path);
  const mine = [".longhaul-00000000.part", "notes.txt", "other.part"];
  for (const name of mine) writeFileSync(join(folder, name), "mine");
  await rig.client.call("transfer.cancel", { id: fetched.id, keepParts: false });
  await rig.until(fetched.id, ({ state }) => state.phase === "canceled");
  while (readdirSync(folder).length > mine.length) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(readdirSync(folder).toSorted()).toEqual(mine);
});

it("E7 partial file whose place a link has taken: what the link points at is left alone", async () => {
  const { key } = await fourPieces();
  const fetched = await halfFetched(key);
  const part = partOf(fetched);
  const precious = join(rig.folder, "precious.bin");
  renameSync(part, precious);
  symlinkSync(precious, part);
  await rig.start();
  await rig.client.call("transfer.cancel", { id: fetched.id, keepParts: false });
  await rig.until(fetched.id, ({ state }) => state.phase === "canceled");
  expect(statSync(precious).size).toBe(20 * MiB);
});

it("D15 sources that are no files (FIFO, socket, device): none is read, none hangs, the others arrive", async () => {
  const tree = join(rig.folder, "odd");
  mkdirSync(tree);
  execFileSync("mkfifo", [join(tree, "fifo")]);
  symlinkSync("/dev/zero", join(tree, "zero"));
  const socket = createServer().listen(join(tree, "socket"));
  const bytes = rig.bytes(MiB);
  writeFileSync(join(tree, "file.bin"), bytes);
  await rig.script();
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path: tree }],
    destination: { profileId, bucket: "lab", prefix: "odd/" },
    followSymlinks: true,
  });
  const view = await rig.rest(id);
  socket.close();
  expect(view).toMatchObject({ doneItemCount: 1 });
  expect(await rig.storedSha256("odd/odd/file.bin")).toBe(sha256Of(bytes));
  expect(rig.requests().filter(({ method }) => method === "PUT")).toHaveLength(1);
});

it.each(["/dev/zero", "fifo"])(
  "D15 %s named as the source: refused with the reason",
  async (name) => {
    const path = name === "fifo" ? join(rig.folder, "lone-fifo") : name;
    if (name === "fifo") execFileSync("mkfifo", [path]);
    await rig.script();
    const request = {
      sources: [{ path }],
      destination: { profileId: "lab", bucket: "lab", prefix: "odd/" },
    };
    const outcome = await rig.client.call("transfer.upload", request).then(
      async ({ id }) => (await rig.rest(id)).state,
      (error: unknown) => ({ phase: "failed", error }),
    );
    expect(outcome).toMatchObject({ phase: "failed", error: { code: "path-unsafe" } });
    expect(rig.requests()).toEqual([]);
  },
);

it.each(["folder", "fifo", "link"])(
  "D15 destination whose name a %s has: says so, touches nothing, leaves nothing",
  async (kind) => {
    const { key } = await rig.seed(2 * MiB);
    const folder = join(rig.folder, `taken-${kind}`);
    mkdirSync(folder);
    const taken = join(folder, key);
    if (kind === "folder") mkdirSync(taken);
    else if (kind === "fifo") execFileSync("mkfifo", [taken]);
    else symlinkSync("/dev/null", taken);
    const { ino } = statSync(taken);
    await rig.script();
    const { id } = await rig.download(key, { folder: { path: folder }, onConflict: "replace" });
    expect(await rig.rest(id)).toMatchObject({
      state: { phase: "failed", error: { code: "path-unsafe" } },
    });
    expect(statSync(taken).ino).toBe(ino);
    expect(readdirSync(folder)).toEqual([key]);
    expect(rig.count({ op: "GetObject" })).toBe(0);
  },
);

it("D15 read-only file in the way: asks first, and replaces it whole when told to", async () => {
  const { key, sha256 } = await rig.seed(2 * MiB);
  const folder = join(rig.folder, "read-only-file");
  mkdirSync(folder);
  const path = join(folder, key);
  writeFileSync(path, "mine");
  chmodSync(path, 0o444);
  await rig.script();
  const { id } = await rig.download(key, { folder: { path: folder } });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "paused", cause: "conflict" } });
  expect(readFileSync(path, "utf8")).toBe("mine");
  await rig.client.call("transfer.answer", { id, answer: "replace", forAll: false });
  await rig.until(id, ({ state }) => state.phase === "done");
  expect(await rig.fileSha256(path)).toBe(sha256);
});
