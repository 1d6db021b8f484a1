import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readOpened, readUnchanged } from "./source-file.ts";

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-source-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  path = join(folder, "file");
  writeFileSync(path, "0123456789");
});

const range = () => ({ path, start: 2, end: 6 });

function digestOf(fd: number): string {
  const bytes = Buffer.alloc(4);
  readSync(fd, bytes, 0, 4, 2);
  return createHash("sha256").update(bytes).digest("hex");
}
const RIGHT = createHash("sha256").update("2345").digest("hex");

/** Reads, while another range of the same file is written. */
const whileWritten = async (fd: number) => {
  appendFileSync(path, "more");
  return digestOf(fd);
};

describe("a file that is read", () => {
  it("must not change meanwhile when it is somebody's source", async () => {
    await expect(readUnchanged(range(), null, whileWritten)).rejects.toMatchObject({
      code: "source-changed",
    });
  });

  it("may change elsewhere when it is a partial one of ours", async () => {
    expect(await readOpened(range(), whileWritten)).toBe(RIGHT);
  });

  it("must be as it was planned when that is known", async () => {
    const { stamp, result } = await readUnchanged(range(), null, async (fd) => digestOf(fd));
    expect(result).toBe(RIGHT);
    appendFileSync(path, "more");
    const reading = readUnchanged(range(), stamp, async () => "never");
    await expect(reading).rejects.toMatchObject({ code: "source-changed" });
  });

  it("is refused where it is too short, or no file", async () => {
    const long = { path, start: 0, end: 11 };
    await expect(readOpened(long, whileWritten)).rejects.toMatchObject({ code: "source-changed" });
    const place = { path: folder, start: 0, end: 0 };
    await expect(readOpened(place, whileWritten)).rejects.toMatchObject({ code: "path-unsafe" });
  });
});
