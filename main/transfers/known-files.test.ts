import { rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ORIGIN, RunRig } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
  for (const name of ["a", "b", "c"]) rig.store.seed(`m/${name}`, Buffer.from(`old ${name}`));
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

/** Downloads all of `m/`; what the store was asked beside the listing, and how each item ended. */
async function bring(given: Parameters<RunRig["download"]>[0] = {}) {
  const before = rig.store.calls.length;
  const id = await rig.download({ keys: ["m/"], onConflict: "replace", ...given });
  const { state } = await rig.rest(id);
  expect(state.phase).toBe("done");
  const items = (await rig.items(id)).map(({ name, phase, note }) => `${name} ${note ?? phase}`);
  // A transfer of the same source and destination goes on where this one is.
  await rig.desk.clear(id);
  return { calls: rig.store.calls.slice(before), items };
}

const ALL_HERE = ["m/a already here", "m/b already here", "m/c already here"];

describe("files that are here and valid", () => {
  it("cost one listing and nothing else", async () => {
    await bring();
    const again = await bring();
    expect(again.items).toEqual(ALL_HERE);
    expect(again.calls).toEqual([]);
  });

  it("are fetched again where the object is another version, and only there", async () => {
    await bring();
    rig.store.seed("m/b", Buffer.from("new b"));
    const again = await bring();
    expect(again.items).toEqual(["m/a already here", "m/b done", "m/c already here"]);
    expect(again.calls).toEqual(["pieces m/b", "get all"]);
    expect(rig.read("down/m/b")).toBe("new b");
  });

  it("are looked at by their digest when somebody wrote to them, be it the same bytes", async () => {
    await bring();
    writeFileSync(rig.path("down/m/a"), "old a");
    writeFileSync(rig.path("down/m/c"), "bad c");
    const again = await bring();
    expect(again.items).toEqual(["m/a already here", "m/b already here", "m/c done"]);
    expect(again.calls.length).toBeGreaterThan(0);
    expect(rig.read("down/m/c")).toBe("old c");
    expect((await bring()).calls).toEqual([]);
  });

  it("are not taken for valid by size and time alone", async () => {
    await bring();
    const path = rig.path("down/m/a");
    const { atime, mtime } = statSync(path);
    writeFileSync(path, "bad a");
    utimesSync(path, atime, mtime);
    expect((await bring()).items).toContain("m/a done");
    expect(rig.read("down/m/a")).toBe("old a");
  });

  it("are fetched again where they are gone", async () => {
    await bring();
    rmSync(rig.path("down/m/b"));
    expect((await bring()).items).toContain("m/b done");
  });
});

describe("files that are older versions of their objects", () => {
  it("are replaced unasked where they are stale and that is wished, and never what somebody wrote", async () => {
    await bring();
    for (const name of ["a", "b"]) rig.store.seed(`m/${name}`, Buffer.from(`new ${name}`));
    writeFileSync(rig.path("down/m/a"), "mine");
    rig.file("down/m/c", "mine, too");
    const id = await rig.download({ keys: ["m/"], onConflict: "fail", replacesStale: true });
    expect((await rig.rest(id)).state.phase).toBe("failed");
    const phases = (await rig.items(id)).map(({ name, phase, error }) => [
      name,
      error?.code ?? phase,
    ]);
    expect(phases).toEqual([
      ["m/a", "conflict"],
      ["m/b", "done"],
      ["m/c", "conflict"],
    ]);
    expect(["a", "b", "c"].map((name) => rig.read(`down/m/${name}`))).toEqual([
      "mine",
      "new b",
      "mine, too",
    ]);
  });

  it("are a conflict like any other where nobody said that stale ones may go", async () => {
    await bring();
    rig.store.seed("m/b", Buffer.from("new b"));
    const id = await rig.download({ keys: ["m/"], onConflict: "fail" });
    expect((await rig.rest(id)).state.phase).toBe("failed");
    expect(rig.read("down/m/b")).toBe("old b");
  });
});

describe("what is known of files here", () => {
  it("outlives a restart, and tells of what was uploaded, too", async () => {
    const path = rig.file("down/up/x", "sent");
    await rig.rest(await rig.upload({ sources: [path] }));
    await rig.restart();
    const [entry] = await rig.journal.entriesAt([path]);
    expect(entry).toMatchObject({ path, origin: ORIGIN, key: "x", kind: "own", sizeBytes: 4 });
    const again = await bring({ keys: ["x"], folder: rig.path("down/up") });
    expect(again).toEqual({ calls: ["stat x"], items: ["x already here"] });
  });

  it("does not keep a file from being read back where that is asked for", async () => {
    await bring();
    const again = await bring({ readBack: true });
    expect(again.items).toEqual(ALL_HERE);
    expect(again.calls.length).toBeGreaterThan(0);
  });

  it("says nothing of another bucket", async () => {
    await bring();
    for (const entry of await rig.journal.entryPage({ after: null, limit: 10 })) {
      await rig.journal.commit([
        { type: "entry-removed", id: entry },
        { type: "entry-put", entry: { ...entry, origin: "https://other.lab/models" } },
      ]);
    }
    expect((await bring()).calls.length).toBeGreaterThan(0);
  });

  it("is not believed, once something is wrong with a file", async () => {
    await bring();
    const [entry] = await rig.journal.entriesAt([rig.path("down/m/a")]);
    if (entry === undefined) throw new Error("nothing is known");
    const change = { trouble: "damaged" } as const;
    await rig.journal.commit([{ type: "entry-changed", id: entry, change }]);
    expect((await bring()).calls.length).toBeGreaterThan(0);
  });
});
