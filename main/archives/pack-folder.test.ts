import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PackFormat } from "#shared/archive.ts";
import { packFolder } from "./pack-folder.ts";
import { orderOf, runOrder, treeOf } from "./unpack-rig.ts";

const SIGNAL = new AbortController().signal;
const hasTar = spawnSync("tar", ["--version"]).status === 0;
const hasZstd = spawnSync("zstd", ["--version"]).status === 0;
const LONG = "n".repeat(120);
let root = "";
let folder = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-pack-"));
  folder = join(root, "folder");
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), content);
  chmodSync(join(folder, path), mode);
  utimesSync(join(folder, path), 1_600_000_000, 1_600_000_000);
}

function putAll(): void {
  put("a.txt", "a");
  put("empty.txt", "");
  put("run.sh", "#!/bin/sh", 0o755);
  put("private/key", "k", 0o600);
  chmodSync(join(folder, "private"), 0o700);
  put("deep/er/x.bin", Buffer.alloc(3_000_001, "abc"));
  put("names/ünï cödé 日本.txt", "text");
  put("names/with\nline", "text");
  put("block", Buffer.alloc(512, "b"));
  put(`long/${LONG}/${LONG}/${LONG}.bin`, "long");
  put(`long/ü${LONG}ü`, "long");
  mkdirSync(join(folder, "void/inside"), { recursive: true });
}

/** Packs all of it, and gives the bytes. */
async function packed(format: PackFormat = "tar"): Promise<Buffer> {
  return await buffer(packFolder(folder, format, {}, SIGNAL).stream);
}

describe("packing a folder", () => {
  it.each(PackFormat.options)("gives a %s that is unpacked to the same again", async (format) => {
    putAll();
    const archive = join(root, "archive");
    writeFileSync(archive, await packed(format));
    const { error, result } = await runOrder(orderOf(archive, join(root, "out")), SIGNAL);
    expect(error).toBeNull();
    expect(result?.format).toBe(format);
    expect(treeOf(join(root, "out"))).toEqual(treeOf(folder));
    const times = ["a.txt", "names/with\nline", `long/ü${LONG}ü`].map(
      (path) => lstatSync(join(root, "out", path)).mtimeMs,
    );
    expect(times).toEqual([1_600_000_000_000, 1_600_000_000_000, 1_600_000_000_000]);
    expect(lstatSync(join(root, "out", "private")).mode & 0o777).toBe(0o700);
  });

  it.skipIf(!hasTar).each(["tar", "tar.gz", ...(hasZstd ? ["tar.zst"] : [])] as const)(
    "gives a %s that the system's tar unpacks to the same (needs tar)",
    async (format) => {
      putAll();
      const archive = join(root, `archive.${format}`);
      writeFileSync(archive, await packed(PackFormat.parse(format)));
      const out = join(root, "out");
      mkdirSync(out);
      execFileSync("tar", ["--auto-compress", "-xf", archive, "-C", out]);
      expect(treeOf(out)).toEqual(treeOf(folder));
    },
  );

  it("gives the same bytes each time", async () => {
    putAll();
    for (const format of PackFormat.options) {
      expect((await packed(format)).equals(await packed(format))).toBe(true);
    }
  });

  it("leaves out links and what is no file, and says how many", async () => {
    put("a", "a");
    symlinkSync("a", join(folder, "link"));
    symlinkSync("/etc", join(folder, "out"));
    symlinkSync("nowhere", join(folder, "broken"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const packing = packFolder(folder, "tar", {}, SIGNAL);
    const bytes = await buffer(packing.stream);
    expect(bytes.length).toBe(512 * 2 + 1024);
    expect(packing.skipped).toEqual({ symlink: 3, fifo: 1 });
  });

  it("tells how far it has come", async () => {
    putAll();
    const packing = packFolder(folder, "tar.gz", {}, SIGNAL);
    expect(packing.progress).toEqual({ entryCount: 0, readBytes: 0 });
    await buffer(packing.stream);
    expect(packing.progress.entryCount).toBe(19);
    expect(packing.progress.readBytes).toBe(3_000_001 + 512 + 4 * 4 + 1 + 9 + 1);
  });

  it("gives an archive without entries for an empty folder", async () => {
    expect((await packed()).equals(Buffer.alloc(1024))).toBe(true);
  });
});

/** Reads until a file of that content is under way, then acts, then reads on. */
async function packWhile(format: PackFormat, act: () => void): Promise<number> {
  const { stream } = packFolder(folder, format, {}, SIGNAL);
  let sizeBytes = 0;
  for await (const chunk of stream) {
    if (sizeBytes === 0) act();
    sizeBytes += chunk.length;
  }
  return sizeBytes;
}

describe("packing what changes", () => {
  const large = () => join(folder, "large");
  beforeEach(() => {
    put("large", Buffer.alloc(20_000_000, 1));
    put("later/x", "later");
  });

  const changes: readonly (readonly [string, () => void])[] = [
    ["becomes longer", () => appendFileSync(large(), "more")],
    ["becomes shorter", () => truncateSync(large(), 10_000_000)],
    ["becomes empty", () => truncateSync(large(), 0)],
    ["is touched", () => utimesSync(large(), 1, 1)],
  ];

  it.each(changes)("fails where a file %s meanwhile", async (_, act) => {
    await expect(packWhile("tar", act)).rejects.toMatchObject({
      code: "source-changed",
      details: { path: large() },
    });
  });

  it("fails where a file or a folder goes before its turn", async () => {
    const gone = () => rmSync(join(folder, "later"), { recursive: true });
    await expect(packWhile("tar", gone)).rejects.toMatchObject({ code: "source-changed" });
  });

  it("fails in the same way where it is compressed", async () => {
    put("large", randomBytes(20_000_000));
    const act = () => truncateSync(large(), 1000);
    await expect(packWhile("tar.gz", act)).rejects.toMatchObject({ code: "source-changed" });
  });

  it("does not follow a link that took the place of a file", async () => {
    // Beside the large one, so that it was looked at together with it.
    put("later-too", "later");
    const swap = () => {
      rmSync(join(folder, "later-too"));
      symlinkSync("/etc/passwd", join(folder, "later-too"));
    };
    await expect(packWhile("tar", swap)).rejects.toMatchObject({ code: "source-changed" });
  });

  it("ends when it is canceled", async () => {
    const canceling = new AbortController();
    const { stream } = packFolder(folder, "tar.zst", {}, canceling.signal);
    canceling.abort();
    await expect(buffer(stream)).rejects.toMatchObject({ name: "AbortError" });
  });

  it("says that a folder is not there", async () => {
    const { stream } = packFolder(join(root, "nowhere"), "tar", {}, SIGNAL);
    await expect(buffer(stream)).rejects.toMatchObject({ code: "path-missing" });
  });
});
