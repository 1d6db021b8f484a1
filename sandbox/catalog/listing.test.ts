import type { DatabaseSync } from "node:sqlite";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { openDatabase } from "./database.ts";
import { Listings } from "./listing.ts";
import type { ListingQuery } from "./listing.ts";
import { Objects } from "./objects.ts";

function catalogOf(keys: readonly string[]): Listings {
  const db: DatabaseSync = openDatabase(":memory:");
  const objects = new Objects(db);
  for (const key of keys) {
    objects.put("b", key, {
      content: key,
      sizeBytes: key.length,
      etag: "e",
      modifiedMs: 0,
      partCount: 0,
      headers: {},
      checksum: undefined,
    });
  }
  return new Listings(db);
}

/** All pages, as keys and groups in the order they came. */
function listAll(listings: Listings, query: Omit<ListingQuery, "bucket" | "after">): string[] {
  const seen: string[] = [];
  let after: string | undefined = "";
  while (after !== undefined) {
    const page = listings.page({ ...query, bucket: "b", after });
    const entries = [...page.objects.map((object) => object.key), ...page.prefixes];
    expect(entries.length).toBeLessThanOrEqual(query.limit);
    seen.push(...entries.toSorted(byBytes));
    after = page.next;
  }
  return seen;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What S3 lists, computed the plain way. */
function expectedEntries(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const entries = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return at === -1 ? key : key.slice(0, at + delimiter.length);
    });
  return [...new Set(entries)].toSorted(byBytes);
}

describe("Listings", () => {
  it("lists every key once, in the order of UTF-8 bytes, whatever the pages", () => {
    const key = fc.string({
      unit: fc.constantFrom("a", "b", "/", "-", "ü", "😀", "\uFFFD"),
      minLength: 1,
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { maxLength: 40 }),
        fc.constantFrom("", "a", "a/", "/", "ü"),
        fc.constantFrom("", "/", "-", "a/", "ü"),
        fc.integer({ min: 1, max: 5 }),
        (keys, prefix, delimiter, limit) => {
          const found = listAll(catalogOf(keys), { prefix, delimiter, limit });
          expect(found).toEqual(expectedEntries(keys, prefix, delimiter));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("sorts by bytes, not by UTF-16 units", () => {
    const keys = ["\u{1F600}", "\uFFFD", "z", "é"];
    const found = listAll(catalogOf(keys), { prefix: "", delimiter: "", limit: 10 });
    expect(found).toEqual(["z", "é", "\uFFFD", "\u{1F600}"]);
  });

  it("begins behind `after`, wherever that lies", () => {
    const listings = catalogOf(["a", "b/1", "b/2", "c"]);
    const page = (after: string, delimiter: string): unknown => {
      const found = listings.page({ bucket: "b", prefix: "", delimiter, after, limit: 10 });
      return [found.objects.map((object) => object.key), found.prefixes];
    };
    expect(page("b/1", "")).toEqual([["b/2", "c"], []]);
    expect(page("b/", "/")).toEqual([["c"], []]);
    expect(page("b/1", "/")).toEqual([["c"], ["b/"]]);
    expect(page("zz", "/")).toEqual([[], []]);
  });

  it("steps over a group of many keys without reading them", () => {
    const many = Array.from({ length: 5000 }, (_, index) => `big/${index}`);
    const listings = catalogOf([...many, "z"]);
    const query = { bucket: "b", prefix: "", delimiter: "/", after: "", limit: 2 };
    expect(listings.page(query)).toMatchObject({
      prefixes: ["big/"],
      objects: [{ key: "z" }],
      next: undefined,
    });
  });
});
