import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CallOutput } from "#shared/contract.ts";
import { callSchemas } from "#shared/contract.ts";
import { DownloadRequest, UploadRequest } from "#shared/transfer-request.ts";
import type { ObjectOptions } from "#shared/object-options.ts";
import { ProfileId } from "#shared/profile.ts";
import type { TransferId } from "#shared/transfer.ts";
import { MiB } from "../bytes/sizes.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { aTransferId } from "../transfers/journal-fixtures.ts";
import { Gate, RunRig } from "../transfers/run-rig.ts";
import { toView } from "../transfers/transfer-view.ts";
import { resolveBelow } from "./calls-rig.ts";
import { dropCalls } from "./drop-calls.ts";
import { transferCalls } from "./transfer-calls.ts";

const profileId = ProfileId.parse("lab");
const destination = { profileId, bucket: "models", prefix: "" };

let rig: RunRig;
let defaults: ObjectOptions | undefined;
let calls: ReturnType<typeof transferCalls>;

beforeEach(() => {
  defaults = undefined;
  rig = new RunRig();
  const { desk, book, runner, journal } = rig;
  calls = transferCalls({
    desk,
    book,
    runner,
    journal,
    resolve: resolveBelow(rig.folder),
    profileOf: () => ({ preset: "custom", ...(defaults && { upload: defaults }) }),
    view: (record) => toView(record, runner.live(record.id), "Lab"),
  });
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

it("freezes what the profile and the request say of objects", async () => {
  defaults = { storageClass: "STANDARD_IA", tags: { team: "vision" } };
  const object = { tags: { run: "7" } };
  const sources = [{ path: rig.file("a.bin") }];
  const request = UploadRequest.parse({ sources, destination, object });
  const started = await calls["transfer.upload"](request);
  defaults = {};
  const { id } = callSchemas["transfer.upload"].output.parse(started);
  expect(rig.book.get(id).spec).toMatchObject({
    object: { storageClass: "STANDARD_IA", tags: { team: "vision", run: "7" } },
  });
});

async function upload(...paths: string[]): Promise<TransferId> {
  const sources = paths.map((path) => ({ path }));
  const started = await calls["transfer.upload"](UploadRequest.parse({ sources, destination }));
  return callSchemas["transfer.upload"].output.parse(started).id;
}

async function download(keys: string[], folder: string) {
  const request = { profileId, bucket: "models", keys, folder: { path: folder } };
  return await calls["transfer.download"](DownloadRequest.parse(request));
}

/** Uploads that wait for a gate at the store, the first `count` of them with a slot. */
function holdPuts(): Gate {
  const gate = new Gate();
  rig.store.before = async (call) => {
    if (call === "put") await gate.pass();
  };
  return gate;
}

async function phaseOf(id: TransferId): Promise<string | undefined> {
  const list = await calls["transfer.list"](null);
  return list.find((view) => view.id === id)?.state.phase;
}

async function itemsOf(id: TransferId, more: object = {}): Promise<CallOutput<"transfer.items">> {
  const query = { id, offset: 0, limit: 500, phases: [], ...more };
  const page = await calls["transfer.items"](callSchemas["transfer.items"].input.parse(query));
  return callSchemas["transfer.items"].output.parse(page);
}

describe("transfer.upload", () => {
  it("brings files to the bucket and says so as the contract has it", async () => {
    const id = await upload(rig.file("tree/a"), rig.file("b"));
    await rig.rest(id);
    expect(rig.stored()).toEqual({ a: "tree/a", b: "b" });
    const list = callSchemas["transfer.list"].output.parse(await calls["transfer.list"](null));
    expect(list).toMatchObject([{ id, state: { phase: "done" }, doneItemCount: 2 }]);
  });

  it("goes on with the unfinished one of the same, and says so", async () => {
    const gate = holdPuts();
    const path = rig.file("a");
    const id = await upload(path);
    await gate.reached;
    const request = UploadRequest.parse({ sources: [{ path }], destination });
    expect(await calls["transfer.upload"](request)).toEqual({ id, isContinued: true });
    gate.open();
    await rig.rest(id);
  });

  it("begins nothing when a source is out of bounds", async () => {
    const sources = [{ path: rig.file("a") }, { path: "/etc/passwd" }];
    const starting = calls["transfer.upload"](UploadRequest.parse({ sources, destination }));
    await expect(starting).rejects.toMatchObject({ code: "path-denied" });
    expect(rig.book.list()).toEqual([]);
  });
});

describe("transfer.download", () => {
  it("makes the folder that was named, below one that is there", async () => {
    rig.store.seed("a", Buffer.from("bytes of a"));
    const { id } = await download(["a"], rig.path("new"));
    await rig.rest(id);
    expect(rig.read("new/a")).toBe("bytes of a");
  });

  it("makes no tree of folders for a name that is mistyped", async () => {
    rig.store.seed("a", Buffer.from("bytes of a"));
    const { id } = await download(["a"], rig.path("no/such/place"));
    const { state } = await rig.rest(id);
    expect(state).toMatchObject({ phase: "paused", cause: "folder-missing" });
    expect(existsSync(rig.path("no"))).toBe(false);
  });

  it("lets the transfer say what stands in its way", async () => {
    rig.store.seed("a", Buffer.from("bytes of a"));
    const { id } = await download(["a"], rig.file("a-file"));
    const { state } = await rig.rest(id);
    expect(["paused", "failed"]).toContain(state.phase);
    expect(rig.read("a-file")).toBe("a-file");
  });
});

describe("transfer.drop", () => {
  it("waits for the files of a page, and ends when there are no more", async () => {
    const { id } = await calls["transfer.drop"]({ destination, name: "tree", onConflict: "ask" });
    const drops = dropCalls(rig.arrivals);
    const files = [{ name: "tree/empty", sizeBytes: 0, modifiedAtMs: 1 }];
    const tickets = await drops["drop.add"]({ id, files });
    expect(callSchemas["drop.add"].output.parse(tickets)).toMatchObject([{ offsetBytes: 0 }]);
    expect(await drops["drop.close"]({ id })).toBeNull();
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(rig.stored()).toEqual({ "tree/empty": "" });
  });

  it("finds the rest of a file that came in part", async () => {
    const { id } = await calls["transfer.drop"]({ destination, name: "f", onConflict: "ask" });
    const drops = dropCalls(rig.arrivals);
    const file = { name: "f", sizeBytes: 10, modifiedAtMs: 1 };
    const [ticket] = await drops["drop.add"]({ id, files: [file] });
    const other = { ...file, modifiedAtMs: 2 };
    expect(await drops["drop.match"]({ files: [other, file] })).toEqual([{ index: 1, id, ticket }]);
  });
});

describe("pausing and resuming all", () => {
  it("stops what runs and what waits, and nothing that is over", async () => {
    rig.limits.upload = 1;
    const done = await upload(rig.file("done"));
    await rig.rest(done);
    const gate = holdPuts();
    const ids = [await upload(rig.file("a")), await upload(rig.file("b"))];
    await gate.reached;
    const pausing = calls["transfer.pauseAll"](null);
    gate.open();
    await pausing;
    expect(await Promise.all(ids.map(phaseOf))).toEqual(["paused", "paused"]);
    expect(await phaseOf(done)).toBe("done");
    await calls["transfer.resumeAll"](null);
    for (const id of ids) expect((await rig.rest(id)).state.phase).toBe("done");
  });

  it("hurries one that rests because the engine died under it", async () => {
    rig.limits.upload = 0;
    const id = await upload(rig.file("a"));
    await rig.book.apply(id, { type: "paused", cause: "crashed", error: null, restMs: 60_000 });
    expect(await phaseOf(id)).toBe("paused");
    rig.limits.upload = 1;
    await calls["transfer.resumeAll"](null);
    expect((await rig.rest(id)).state.phase).toBe("done");
  });

  it("resumes no transfer that waits for a person's answer", async () => {
    rig.store.seed("a", Buffer.from("other content"));
    const id = await upload(rig.file("a"));
    expect((await rig.rest(id)).state).toMatchObject({ phase: "paused", cause: "conflict" });
    const asked = rig.store.calls.length;
    await calls["transfer.resumeAll"](null);
    expect(rig.book.get(id).state).toMatchObject({ phase: "paused", cause: "conflict" });
    expect(rig.store.calls.length).toBe(asked);
  });
});

describe("one transfer", () => {
  it("is paused, resumed, canceled and cleared by its calls", async () => {
    const gate = holdPuts();
    const id = await upload(rig.file("a"));
    await gate.reached;
    const pausing = calls["transfer.pause"]({ id });
    gate.open();
    expect(await pausing).toBeNull();
    expect(await phaseOf(id)).toBe("paused");
    await calls["transfer.cancel"]({ id, keepParts: false });
    expect(await phaseOf(id)).toBe("canceled");
    await calls["transfer.resume"]({ id });
    expect(await phaseOf(id)).toBe("canceled");
    await calls["transfer.clear"]({ ids: [id] });
    expect(await calls["transfer.list"](null)).toEqual([]);
  });

  it("that is not over is not cleared, beside one that is", async () => {
    const done = await upload(rig.file("done"));
    await rig.rest(done);
    const gate = holdPuts();
    const id = await upload(rig.file("a"));
    await gate.reached;
    await calls["transfer.clear"]({ ids: [id, done, aTransferId(9)] });
    expect((await calls["transfer.list"](null)).map((view) => view.id)).toEqual([id]);
    gate.open();
    await rig.rest(id);
  });

  it("moves in the queue", async () => {
    rig.isOurs = () => false;
    const ids = [];
    for (const name of ["a", "b", "c"]) ids.push(await upload(rig.file(name)));
    const [a, b, c] = ids;
    if (!a || !b || !c) throw new Error("three were started");
    await calls["transfer.move"]({ id: c, to: "top" });
    expect((await calls["transfer.list"](null)).map(({ id }) => id)).toEqual([c, a, b]);
    await calls["transfer.move"]({ id: c, to: "down" });
    expect((await calls["transfer.list"](null)).map(({ id }) => id)).toEqual([a, c, b]);
  });

  it("answers its conflicts", async () => {
    rig.store.seed("a", Buffer.from("other content"));
    const id = await upload(rig.file("a"));
    await rig.rest(id);
    await calls["transfer.answer"]({ id, answer: "replace", forAll: false });
    expect((await rig.until(id, ({ state }) => state.phase === "done")).totals.counts.done).toBe(1);
    expect(rig.stored()).toEqual({ a: "a" });
  });

  it.each(["transfer.pause", "transfer.resume", "transfer.retry", "transfer.detail"] as const)(
    "%s of one that is not there is a mistake of the caller",
    async (name) => {
      await expect(calls[name]({ id: aTransferId(9) })).rejects.toMatchObject({ code: "invalid" });
    },
  );
});

describe("transfer.items", () => {
  it("pages through items of some phases and counts them all", async () => {
    rig.store.seed("c1", Buffer.from("other"));
    const names = ["a1", "a2", "a3", "c1"];
    const id = await upload(...names.map((name) => rig.file(name)));
    await rig.rest(id);
    const page = await itemsOf(id, { phases: ["done"], offset: 1, limit: 1 });
    expect(page).toMatchObject({ items: [{ name: "a2", phase: "done" }], total: 3 });
    expect(await itemsOf(id, { phases: ["asking"] })).toMatchObject({
      items: [{ name: "c1" }],
      total: 1,
    });
    expect((await itemsOf(id)).total).toBe(4);
    expect(await itemsOf(id, { phases: ["failed"] })).toEqual({ items: [], total: 0 });
  });

  it("shows an item under way as it moves, and as it is once it rests", async () => {
    rig.connections = 1;
    rig.slots.setLimit(1);
    const gate = new Gate();
    rig.store.before = async (call) => {
      if (call === "part 3") await gate.pass();
    };
    const id = await upload(rig.file("large", variedBytes(4 * MiB)));
    await gate.reached;
    const [moving] = (await itemsOf(id)).items;
    expect(moving).toMatchObject({ phase: "moving", sizeBytes: 4 * MiB, receipt: null });
    expect(moving?.doneBytes).toBeGreaterThanOrEqual(MiB);
    gate.open();
    await rig.rest(id);
    const [done] = (await itemsOf(id)).items;
    expect(done).toMatchObject({ phase: "done", doneBytes: 4 * MiB, receipt: { partCount: 4 } });
  });

  it("is a mistake of the caller for a transfer that is not there", async () => {
    await expect(itemsOf(aTransferId(9))).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("transfer.detail", () => {
  it("maps what is done, and tells what was logged", async () => {
    rig.store.seed("b", Buffer.from("other"));
    const id = await upload(rig.file("a"), rig.file("b"));
    await rig.rest(id);
    await rig.book.log(id, "warn", "something to know");
    const detail = callSchemas["transfer.detail"].output.parse(
      await calls["transfer.detail"]({ id }),
    );
    expect(detail.map).toMatchObject({ unit: "file", total: 2, done: 1 });
    expect(detail.log.at(-1)).toMatchObject({ level: "warn", text: "something to know" });
  });
});
