import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Client } from "#shared/client.ts";
import { ProfileId } from "#shared/profile.ts";
import { CONNECTIONS, EngineRig, isAtRest, untilView } from "./engine-rig.ts";
import { MiB } from "./bytes/sizes.ts";

const profileId = ProfileId.parse("lab");

// Starting a server and an engine takes longer than most of what is asked of them.
let rig: EngineRig;
let client: Client;
let testNumber = 0;

beforeAll(async () => {
  rig = await EngineRig.open();
  client = await rig.start();
}, 60_000);

afterAll(async () => {
  await rig.close();
}, 30_000);

beforeEach(() => {
  testNumber += 1;
});

afterEach(async () => {
  await client.call("limit.set", { downBytesPerSecond: null, upBytesPerSecond: null });
});

/** Each test has a prefix and folders of its own. */
function destination() {
  return { profileId, bucket: "lab", prefix: `up${testNumber}/` };
}

function here(name: string): string {
  return join(rig.folder, `test${testNumber}`, name);
}

async function makeFile(name: string, bytes: Buffer): Promise<string> {
  const path = here(name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, bytes);
  return path;
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function upload(path: string, more: object = {}) {
  const request = { sources: [{ path }], destination: destination(), ...more };
  const { id } = await client.call("transfer.upload", request);
  return await untilView(client, id, isAtRest);
}

async function download(keys: string[], more: object = {}) {
  const folder = { path: here("down") };
  await mkdir(folder.path, { recursive: true });
  const request = { profileId, bucket: "lab", keys, folder, ...more };
  const { id } = await client.call("transfer.download", request);
  return await untilView(client, id, isAtRest);
}

it("takes a file there in parts and brings the same bytes back, proven", async () => {
  const bytes = randomBytes(12 * MiB + 7);
  const sent = await upload(await makeFile("model.bin", bytes));
  expect(sent).toMatchObject({ state: { phase: "done" }, rung: "part-sha256", movedTwiceBytes: 0 });
  const fetched = await download([`up${testNumber}/model.bin`]);
  expect(fetched).toMatchObject({ state: { phase: "done" }, rung: "part-sha256" });
  const back = await readFile(here("down/model.bin"));
  expect(digest(back)).toBe(digest(bytes));
  expect(await readdir(here("down"))).toEqual(["model.bin"]);
});

it("takes a tree there and back, empty and tiny files included", async () => {
  const files = { "a.bin": 1, "b/empty": 0, "b/c/d.bin": 5 * MiB, "b/e.bin": 65_537 };
  for (const [name, size] of Object.entries(files))
    await makeFile(`tree/${name}`, randomBytes(size));
  const sent = await upload(here("tree"));
  expect(sent).toMatchObject({ state: { phase: "done" }, itemCount: 4, doneItemCount: 4 });
  const fetched = await download([`up${testNumber}/tree/`]);
  expect(fetched).toMatchObject({ state: { phase: "done" }, doneItemCount: 4 });
  for (const name of Object.keys(files)) {
    const [was, is] = await Promise.all(
      ["tree", "down/tree"].map((folder) => readFile(join(here(folder), name))),
    );
    expect(is).toEqual(was);
  }
});

it("moves nothing that is there already, and asks before it replaces other content", async () => {
  const path = await makeFile("model.bin", randomBytes(6 * MiB));
  await upload(path);
  const again = await upload(path);
  expect(again).toMatchObject({
    state: { phase: "done" },
    skippedItemCount: 1,
    keptBytes: 6 * MiB,
  });
  await writeFile(path, randomBytes(6 * MiB));
  const asking = await upload(path);
  expect(asking).toMatchObject({
    state: { phase: "paused", cause: "conflict" },
    askingItemCount: 1,
  });
  await client.call("transfer.answer", { id: asking.id, answer: "keep-both", forAll: false });
  await untilView(client, asking.id, ({ state }) => state.phase === "done");
  const page = await client.call("library.list", { ...destination(), cursor: null });
  expect(page.objects.map(({ key }) => key)).toEqual([
    `up${testNumber}/model (2).bin`,
    `up${testNumber}/model.bin`,
  ]);
});

it("goes on with a paused transfer where it was", async () => {
  const bytes = randomBytes(40 * MiB);
  const path = await makeFile("large.bin", bytes);
  await client.call("limit.set", { downBytesPerSecond: null, upBytesPerSecond: 20 * MiB });
  const { id } = await client.call("transfer.upload", {
    sources: [{ path }],
    destination: destination(),
  });
  await untilView(client, id, ({ doneBytes }) => doneBytes >= 10 * MiB);
  await client.call("transfer.pause", { id });
  const paused = await untilView(client, id, isAtRest);
  expect(paused.state).toMatchObject({ phase: "paused", cause: "user" });
  await rig.stop();
  client = await rig.start();
  await client.call("limit.set", { downBytesPerSecond: null, upBytesPerSecond: null });
  await client.call("transfer.resume", { id });
  const done = await untilView(client, id, ({ state }) => state.phase === "done");
  expect(done.resumedAtBytes).toBeGreaterThanOrEqual(10 * MiB);
  const parts = await partsStored();
  expect(new Set(parts).size).toBe(8);
  // What was on the wire when it was paused may have reached the store, unknown to anybody.
  expect(parts.length).toBeLessThanOrEqual(8 + CONNECTIONS);
});

it("says what an item met and goes on with the others", async () => {
  await makeFile("tree/good.bin", randomBytes(100));
  await makeFile("tree/gone.bin", randomBytes(100));
  await client.call("limit.set", { downBytesPerSecond: null, upBytesPerSecond: 1024 });
  const request = { sources: [{ path: here("tree") }], destination: destination() };
  await rm(here("tree/gone.bin"));
  const { id } = await client.call("transfer.upload", request);
  const settled = await untilView(client, id, isAtRest);
  expect(settled).toMatchObject({ state: { phase: "done" }, doneItemCount: 1 });
});

it("removes what a canceled transfer left, here and there", async () => {
  const path = await makeFile("large.bin", randomBytes(40 * MiB));
  await client.call("limit.set", { downBytesPerSecond: null, upBytesPerSecond: 10 * MiB });
  const { id } = await client.call("transfer.upload", {
    sources: [{ path }],
    destination: destination(),
  });
  // Parts move side by side: where some are done, all may be.
  await untilView(client, id, (view) => view.doneBytes + view.inFlightBytes >= 10 * MiB);
  await client.call("transfer.cancel", { id, keepParts: false });
  // The call answers at once; uploads are aborted within 5 s.
  await expect.poll(operations, { timeout: 5000 }).toContain("AbortMultipartUpload");
});

it("puts each of many tiny files once", async () => {
  const names = Array.from({ length: 600 }, (_, n) => `tree/${n % 6}/${n}`);
  for (const name of names) await makeFile(name, Buffer.from(name));
  const sent = await upload(here("tree"));
  expect(sent).toMatchObject({ state: { phase: "done" }, itemCount: 600, doneItemCount: 600 });
  const puts = (await requests())
    .filter(({ op }) => op === "PutObject")
    .map(({ key }) => key ?? "");
  expect(puts.toSorted()).toEqual(names.map((name) => destination().prefix + name).toSorted());
});

it("takes a file that a page sends, and goes on with it after a restart", async () => {
  const bytes = randomBytes(7 * MiB);
  const request = { name: "drop", destination: destination(), onConflict: "ask" } as const;
  const { id } = await client.call("transfer.drop", request);
  const file = { name: "d/model.bin", sizeBytes: bytes.length, modifiedAtMs: 5 };
  const [ticket] = await client.call("drop.add", { id, files: [file] });
  if (!ticket) throw new Error("no ticket");
  await sendBody(ticket.ticket, bytes.subarray(0, 3 * MiB), 0);
  await rig.stop();
  client = await rig.start();
  const [found] = await client.call("drop.match", { files: [file] });
  expect(found).toEqual({ index: 0, id, ticket: { ...ticket, offsetBytes: 3 * MiB } });
  await sendBody(ticket.ticket, bytes.subarray(3 * MiB), 3 * MiB);
  await client.call("drop.close", { id });
  const done = await untilView(client, id, isAtRest);
  expect(done).toMatchObject({ state: { phase: "done" }, doneBytes: bytes.length });
  await download([`${destination().prefix}d/model.bin`]);
  expect(digest(await readFile(here("down/model.bin")))).toBe(digest(bytes));
  expect(await readdir(join(rig.folder, "incoming"))).toEqual([]);
});

/** As the web host does it. */
async function sendBody(ticket: string, bytes: Buffer, offsetBytes: number): Promise<void> {
  const { path } = await rig.engine.incoming.begin(ticket, offsetBytes, bytes.length);
  const file = await open(path, "r+");
  await file.write(bytes, 0, bytes.length, offsetBytes);
  await file.close();
  await rig.engine.incoming.end(ticket, offsetBytes + bytes.length);
}

type Logged = { op: string; status: number; key?: string; partNumber?: number };

/** What was asked of the keys of this test. */
async function requests(): Promise<Logged[]> {
  const text = await readFile(join(rig.folder, "requests.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line): Logged => JSON.parse(line))
    .filter(({ key }) => key?.startsWith(destination().prefix));
}

async function operations(): Promise<string[]> {
  return (await requests()).map(({ op }) => op);
}

async function partsStored(): Promise<(number | undefined)[]> {
  const all = await requests();
  return all
    .filter(({ op, status }) => op === "UploadPart" && status === 200)
    .map(({ partNumber }) => partNumber);
}
