import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { cloneFile } from "./clone-file.ts";
import { copyRanges } from "./copy-ranges.ts";
import { flushFile } from "./flush-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-copy-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const never = new AbortController().signal;

describe("sharing the bytes of a file", () => {
  it("makes an equal file, or says that it cannot and leaves none", async () => {
    writeFileSync(at("a"), "bytes");
    const isShared = await cloneFile(at("a"), at("b"));
    if (isShared) expect(readFileSync(at("b"), "utf8")).toBe("bytes");
    else expect(() => readFileSync(at("b"))).toThrow("ENOENT");
  });

  it("never replaces a file", async () => {
    for (const name of ["a", "b"]) writeFileSync(at(name), name);
    const clone = cloneFile(at("a"), at("b"));
    await expect(clone).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(at("b"), "utf8")).toBe("b");
  });

  it("says what is missing", async () => {
    const clone = cloneFile(at("a"), join(folder, "no", "b"));
    await expect(clone).rejects.toMatchObject({ code: "folder-missing" });
  });
});

describe("copying stretches of a file", () => {
  it("puts each where it was, and nothing between", async () => {
    const bytes = Buffer.alloc(9 * MiB, "0123456789abcde");
    writeFileSync(at("a"), bytes);
    writeFileSync(at("b"), Buffer.alloc(9 * MiB));
    const ranges = [
      { start: 3, end: 10 },
      { start: 2 * MiB, end: 9 * MiB },
    ];
    await copyRanges(at("a"), at("b"), ranges, never);
    const copied = readFileSync(at("b"));
    for (const { start, end } of ranges) {
      expect(copied.subarray(start, end).equals(bytes.subarray(start, end))).toBe(true);
    }
    expect(copied.subarray(10, 2 * MiB).every((byte) => byte === 0)).toBe(true);
  });

  it("stops for a source that is shorter than was said", async () => {
    writeFileSync(at("a"), "short");
    writeFileSync(at("b"), "");
    const copy = copyRanges(at("a"), at("b"), [{ start: 0, end: 10 }], never);
    await expect(copy).rejects.toMatchObject({ code: "source-changed" });
  });

  it("makes no file, and follows no link that was planted", async () => {
    writeFileSync(at("a"), "bytes");
    const none = copyRanges(at("a"), at("b"), [{ start: 0, end: 5 }], never);
    await expect(none).rejects.toMatchObject({ code: "folder-missing" });
    writeFileSync(at("target"), "other");
    symlinkSync(at("target"), at("link"));
    const linked = copyRanges(at("a"), at("link"), [{ start: 0, end: 5 }], never);
    await expect(linked).rejects.toMatchObject({ code: "path-unsafe" });
    expect(readFileSync(at("target"), "utf8")).toBe("other");
  });

  it("stops when it is told to", async () => {
    writeFileSync(at("a"), "bytes");
    writeFileSync(at("b"), "");
    const copy = copyRanges(at("a"), at("b"), [{ start: 0, end: 5 }], AbortSignal.abort());
    await expect(copy).rejects.toThrow("abort");
  });
});

it("flushes a file, and says when there is none", async () => {
  writeFileSync(at("a"), "bytes");
  await flushFile(at("a"));
  await expect(flushFile(at("b"))).rejects.toMatchObject({ code: "folder-missing" });
});
