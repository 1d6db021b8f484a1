import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tar, tarEntry } from "./tar-fixtures.ts";
import { orderOf, runOrder } from "./unpack-rig.ts";
import { zip } from "./zip-fixtures.ts";

const MiB = 2 ** 20;
const root = mkdtempSync(join(tmpdir(), "longhaul-full-"));
const disk = join(root, "disk");
mkdirSync(disk);
const canMount =
  process.platform === "linux" &&
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "longhaul-test", disk]).status === 0;

beforeAll(() => mkdirSync(join(root, "archives")));
afterAll(() => {
  if (canMount) execFileSync("umount", [disk]);
  rmSync(root, { recursive: true, force: true });
});

const FILES = Array.from(
  { length: 12 },
  (_, at) => [`f${at}`, String(at % 10).repeat(MiB)] as const,
);
const TAR = tar(...FILES.map(([name, content]) => tarEntry(name, content)));
const FULL = [
  ["tar", TAR],
  ["tar.gz", gzipSync(TAR)],
  ["gz", gzipSync(Buffer.alloc(12 * MiB, "x"))],
  ["zip", zip(FILES.map(([name, content]) => ({ name, content })))],
] as const;

it.skipIf(!canMount).each(FULL)(
  "X14 a %s larger than the disk is refused, and leaves nothing (needs root, to mount a disk of its own)",
  async (format, bytes) => {
    const archive = join(root, "archives", `archive.${format}`);
    writeFileSync(archive, bytes);
    const freeBefore = statfsSync(disk).bfree;
    const order = orderOf(archive, join(disk, "out"));
    const { error } = await runOrder(order, new AbortController().signal);
    expect(error).toMatchObject({ code: "disk-full" });
    expect(readdirSync(disk)).toEqual([]);
    expect(statfsSync(disk).bfree).toBe(freeBefore);
  },
);
