import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { statFile } from "../disk/stat-file.ts";
import { FolderTrail } from "./folder-trail.ts";
import type { PackEntry } from "./pack-entries.ts";
import { packEntries } from "./pack-entries.ts";
import { entriesIn } from "./pack-rig.ts";

const SIGNAL = new AbortController().signal;
let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-entries-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function aFile(name: string, text: string): Promise<Extract<PackEntry, { kind: "file" }>> {
  const path = join(root, name.replaceAll("/", "-"));
  writeFileSync(path, text, { mode: 0o600 });
  return { kind: "file", name, path, facts: null, ...(await statFile(path)) };
}

async function* listed(...entries: readonly PackEntry[]) {
  yield* entries;
}

it("packs what it is given, as it is given, under what is said of it", async () => {
  const told = { mode: 0o644, modifiedAtMs: 1_600_000_000_000 };
  const entries = listed(
    { kind: "folder", name: "b", mode: 0o755, modifiedAtMs: 1_500_000_000_000 },
    { ...(await aFile("b/x", "text")), facts: told },
    await aFile("a", ""),
  );
  const packed = packEntries(entries, "tar", SIGNAL);
  expect(await entriesIn(await buffer(packed.stream))).toEqual([
    { path: "b/", mode: 0o755, modifiedAtMs: 1_500_000_000_000, text: "" },
    { path: "b/x", mode: 0o644, modifiedAtMs: 1_600_000_000_000, text: "text" },
    { path: "a", mode: 0o600, modifiedAtMs: expect.any(Number), text: "" },
  ]);
  expect(packed.progress).toEqual({ entryCount: 3, readBytes: 4 });
});

it("fails where a file is not what it was when it was listed", async () => {
  const file = await aFile("a", "text");
  appendFileSync(join(root, "a"), "more");
  const { stream } = packEntries(listed(file), "tar.gz", SIGNAL);
  await expect(buffer(stream)).rejects.toMatchObject({ code: "source-changed" });
});

it("names the folders on the way once, while names stay within them", () => {
  const trail = new FolderTrail();
  const names = ["x", "a/x", "a/b/c/x", "a/b/y", "a/z", "d/e/x"];
  expect(names.map((name) => trail.enter(name))).toEqual([
    [],
    ["a"],
    ["a/b", "a/b/c"],
    [],
    [],
    ["d", "d/e"],
  ]);
});
