import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, it } from "vitest";

import { Buckets, isBucketName } from "./buckets.ts";
import { inTransaction, openDatabase } from "./database.ts";
import { Garbage } from "./garbage.ts";
import { Parts } from "./parts.ts";
import type { PartRecord } from "./parts.ts";
import { Uploads } from "./uploads.ts";

function part(number: number, startBytes: number, sizeBytes: number): PartRecord {
  const file = `file-${number}`;
  return { number, startBytes, sizeBytes, file, md5: "m", checksum: undefined, modifiedMs: 0 };
}

describe("openDatabase", () => {
  it("refuses a catalog of another version", () => {
    const folder = mkdtempSync(join(tmpdir(), "longhaul-catalog-"));
    const path = join(folder, "catalog.db");
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 99");
    db.close();
    expect(() => openDatabase(path)).toThrow(/version 99, not 1/);
    rmSync(folder, { recursive: true });
  });
});

describe("inTransaction", () => {
  it("keeps nothing of work that throws", () => {
    const db = openDatabase(":memory:");
    const buckets = new Buckets(db);
    expect(() =>
      inTransaction(db, () => {
        buckets.create("half", 0);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(buckets.list()).toEqual([]);
  });
});

describe("isBucketName", () => {
  it.each([
    ["abc", true],
    ["a.b-c1", true],
    ["a".repeat(63), true],
    ["ab", false],
    ["a".repeat(64), false],
    ["Abc", false],
    ["a_b", false],
    ["-abc", false],
    ["a..b", false],
    ["10.0.0.1", false],
    ["..", false],
    ["a/b", false],
  ])("says of %s: %s", (name, expected) => {
    expect(isBucketName(name)).toBe(expected);
  });
});

describe("Parts", () => {
  it("finds the parts that hold bytes of a range, and no others", () => {
    const db = openDatabase(":memory:");
    const parts = new Parts(db, new Garbage(db, () => 0));
    for (const one of [part(1, 0, 10), part(3, 10, 10), part(4, 20, 5), part(9, 25, 0)]) {
      parts.put("c", one);
    }
    const numbers = (start: number, end: number): number[] =>
      parts.inRange("c", { start, end }).map((found) => found.number);
    expect(numbers(0, 25)).toEqual([1, 3, 4]);
    expect(numbers(9, 11)).toEqual([1, 3]);
    expect(numbers(10, 20)).toEqual([3]);
    expect(numbers(24, 25)).toEqual([4]);
    expect(numbers(0, 0)).toEqual([]);
  });

  it("lets the file of a replaced part go, once it is old enough", () => {
    let nowMs = 0;
    const db = openDatabase(":memory:");
    const garbage = new Garbage(db, () => nowMs);
    const parts = new Parts(db, garbage);
    parts.put("c", part(1, 0, 10));
    parts.put("c", { ...part(1, 0, 10), file: "newer" });
    expect(garbage.list(1000)).toEqual([]);
    nowMs = 1000;
    expect(garbage.list(1000)).toEqual(["file-1"]);
    garbage.drop(["file-1"]);
    expect(garbage.list(0)).toEqual([]);
  });
});

describe("Uploads", () => {
  it("pages by key and age, within a prefix", () => {
    const uploads = new Uploads(openDatabase(":memory:"));
    const keys: readonly (readonly [key: string, id: string])[] = [
      ["b", "2"],
      ["a", "1"],
      ["b", "1"],
      ["bb", "1x"],
    ];
    for (const [key, id] of keys) {
      uploads.put("bucket", {
        id: `${key}-${id}`,
        key,
        createdMs: 0,
        headers: {},
        checksum: undefined,
      });
    }
    const page = (prefix: string, key: string, id: string | undefined, limit = 10): string[] =>
      uploads.page("bucket", prefix, { key, id }, limit).map((upload) => upload.id);
    expect(page("", "", undefined)).toEqual(["a-1", "b-1", "b-2", "bb-1x"]);
    expect(page("b", "", undefined, 2)).toEqual(["b-1", "b-2"]);
    expect(page("", "b", "b-1")).toEqual(["b-2", "bb-1x"]);
    expect(page("", "b", undefined)).toEqual(["bb-1x"]);
  });
});
