import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createNameFilter } from "./name-filter.ts";
import { statFile } from "./stat-file.ts";
import type { WalkEntry, WalkOptions } from "./walk.ts";
import { walkFolder } from "./walk.ts";

let root: string;
const never = new AbortController().signal;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-walk-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(name: string, content = name): void {
  mkdirSync(join(root, name, ".."), { recursive: true });
  writeFileSync(join(root, name), content);
}

async function walk(options: Partial<WalkOptions> = {}, signal = never): Promise<WalkEntry[]> {
  const all = { followSymlinks: false, ...options };
  return await collect(walkFolder(root, all, signal));
}

async function collect(walking: AsyncIterable<WalkEntry>): Promise<WalkEntry[]> {
  const entries: WalkEntry[] = [];
  for await (const entry of walking) entries.push(entry);
  return entries;
}

const compareKeys = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

const brief = (entries: readonly WalkEntry[]): string[] =>
  entries.map((entry) => {
    if (entry.kind === "file") return entry.name;
    if (entry.kind === "skipped") return `${entry.name} (${entry.reason})`;
    if (entry.kind === "failed") return `${entry.name} (${entry.error.code})`;
    return `${entry.name}/`;
  });

describe("what a walk finds", () => {
  it("is in the order of keys, where that is asked for: by the bytes of whole names", async () => {
    const names = ["a/x", "a!", "a.txt", "a0", "a/b/c", "a/b.c", "ab", "é/1", "é.", "\u{1F600}"];
    for (const name of names) put(name);
    symlinkSync("a", join(root, "a-link"));
    const found = (await walk({ order: "keys" })).map(({ name }) => name);
    const inOrder = [...names, "a-link"].toSorted((a, b) => compareKeys(a, b));
    expect(found).toEqual(inOrder);
    expect(found.indexOf("a.txt")).toBeLessThan(found.indexOf("a/x"));
    const plain = (await walk()).map(({ name }) => name);
    expect(plain.indexOf("a/x")).toBeLessThan(plain.indexOf("a.txt"));
  });

  it("is every file, hidden ones too, in the byte order of names, and empty folders", async () => {
    for (const name of ["b/2", "b/1", "a.bin", "Z", ".hidden/.env", "é", "b/c/deep"]) put(name);
    mkdirSync(join(root, "empty/inner"), { recursive: true });
    expect(brief(await walk())).toEqual([
      ".hidden/.env",
      "Z",
      "a.bin",
      "b/1",
      "b/2",
      "b/c/deep",
      "empty/inner/",
      "é",
    ]);
  });

  it("is a snapshot of each file", async () => {
    put("a", "12345");
    const [entry] = await walk();
    const facts = await statFile(join(root, "a"));
    expect(entry).toEqual({ kind: "file", path: join(root, "a"), name: "a", ...facts });
    expect(facts.sizeBytes).toBe(5);
  });

  it("is nothing that a desktop dropped there", async () => {
    for (const name of [".DS_Store", "Thumbs.db", "a/.DS_Store", "b"]) put(name);
    expect(brief(await walk())).toEqual(["a/", "b"]);
  });

  it("is the same every time", async () => {
    for (let number = 0; number < 300; number += 1) put(`f${number}`);
    expect(await walk()).toEqual(await walk());
    expect(await walk()).toHaveLength(300);
  });

  it("is only what the filter takes, without reading folders that it leaves out", async () => {
    for (const name of ["a.bin", "a.tmp", "skip/b.bin", "in/c.bin"]) put(name);
    symlinkSync("a.tmp", join(root, "link.tmp"));
    const filter = createNameFilter(["*.bin"], ["skip"]);
    expect(brief(await walk({ filter }))).toEqual(["a.bin", "in/c.bin"]);
  });

  it("is named with %XX and openable where a name is no UTF-8", async () => {
    execFileSync("/bin/sh", ["-c", `printf hi > "$0/$(printf 'caf\\351')"`, root]);
    const [entry] = await walk();
    expect(entry).toMatchObject({ kind: "file", name: "caf%E9", sizeBytes: 2 });
    expect(await statFile(entry?.path ?? "")).toMatchObject({ sizeBytes: 2 });
  });
});

describe("links in a walk", () => {
  it("are left out and named, wherever they lead", async () => {
    put("a/file");
    symlinkSync("a", join(root, "to-folder"));
    symlinkSync("a/file", join(root, "to-file"));
    symlinkSync("nowhere", join(root, "to-nothing"));
    expect(brief(await walk())).toEqual([
      "a/file",
      "to-file (symlink)",
      "to-folder (symlink)",
      "to-nothing (symlink)",
    ]);
  });

  it("are followed when asked, each to its end, but never round in a circle", async () => {
    put("a/file");
    symlinkSync("..", join(root, "a/up"));
    symlinkSync(".", join(root, "a/self"));
    symlinkSync("loop", join(root, "loop"));
    symlinkSync("nowhere", join(root, "to-nothing"));
    symlinkSync("a/file", join(root, "to-file"));
    symlinkSync("a", join(root, "b"));
    expect(brief(await walk({ followSymlinks: true }))).toEqual([
      "a/file",
      "a/self (cycle)",
      "a/up (cycle)",
      "b/file",
      "b/self (cycle)",
      "b/up (cycle)",
      "loop (broken-symlink)",
      "to-file",
      "to-nothing (broken-symlink)",
    ]);
  });

  it("lead to the file's own stamp when they are followed", async () => {
    put("file", "12");
    symlinkSync("file", join(root, "link"));
    const [file, link] = await walk({ followSymlinks: true });
    expect(link).toEqual({ ...file, name: "link", path: join(root, "link") });
  });
});

describe("what a walk cannot take", () => {
  it("is listed: sockets, pipes, devices", async () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    const server = createServer().listen(join(root, "socket"));
    symlinkSync("/dev/null", join(root, "null"));
    const found = brief(await walk({ followSymlinks: true }));
    server.close();
    expect(found).toEqual(["null (device)", "pipe (fifo)", "socket (socket)"]);
  });

  it("fails alone, and the rest goes on", async () => {
    for (const name of ["a/1", "gone/2", "z"]) put(name);
    const found: WalkEntry[] = [];
    for await (const entry of walkFolder(root, { followSymlinks: false }, never)) {
      found.push(entry);
      // Listed with its parent, removed before it is entered.
      if (entry.name === "a/1") rmSync(join(root, "gone"), { recursive: true });
    }
    expect(brief(found)).toEqual(["a/1", "gone (path-missing)", "z"]);
  });

  it("is the folder itself when it is not there, or is a file", async () => {
    put("file");
    const gone = walkFolder(join(root, "gone"), { followSymlinks: false }, never);
    await expect(gone.next()).rejects.toMatchObject({ code: "path-missing" });
    const file = walkFolder(join(root, "file"), { followSymlinks: false }, never);
    await expect(file.next()).rejects.toMatchObject({ code: "path-missing" });
  });

  it("is anything more once it is aborted", async () => {
    for (let number = 0; number < 200; number += 1) put(`f${number}`);
    const controller = new AbortController();
    const walking = walkFolder(root, { followSymlinks: false }, controller.signal);
    await walking.next();
    controller.abort();
    await expect(collect(walking)).rejects.toMatchObject({ name: "AbortError" });
  });
});
