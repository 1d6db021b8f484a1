import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MIGRATIONS } from "./journal-schema.ts";

let database: DatabaseSync;

beforeEach(() => {
  database = new DatabaseSync(":memory:");
  for (const step of MIGRATIONS) database.exec(step);
});

afterEach(() => database.close());

/** How SQLite finds the rows of a query, a line for each step. */
function planOf(sql: string): string {
  const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  return rows.map((row) => String(row["detail"])).join("\n");
}

/** What a page, a count and a match of dropped files ask, four times a second over a million rows. */
describe("the indexes", () => {
  it.each([
    ["a page of items", "SELECT * FROM items WHERE transfer = 1 AND idx > 5 ORDER BY idx LIMIT 9"],
    [
      "a page of items of a phase",
      "SELECT idx FROM items WHERE transfer = 1 AND phase = 'failed' AND idx > 5 ORDER BY idx",
    ],
    [
      "what was begun",
      "SELECT * FROM items INDEXED BY begun WHERE transfer = 1 AND idx > 5 AND resume IS NOT NULL ORDER BY idx",
    ],
    ["totals", "SELECT * FROM totals WHERE transfer = 1"],
    ["parts", "SELECT * FROM parts WHERE transfer = 1 AND item = 2 ORDER BY number"],
    [
      "arrivals",
      "SELECT * FROM items WHERE arrivalKey = 'k' AND phase = 'arriving' AND arrivalKey IS NOT NULL",
    ],
    ["the log", "SELECT text FROM log WHERE transfer = 1 ORDER BY seq DESC LIMIT 500"],
    ["a transfer", "SELECT key FROM transfers WHERE id = 'x'"],
    ["the removed", "SELECT key FROM transfers WHERE id IS NULL LIMIT 1"],
    ["items of a phase to move", "SELECT 1 FROM items WHERE transfer = 1 AND phase = 'asking'"],
  ])("find %s without a scan or a sort", (_what, sql) => {
    const plan = planOf(sql);
    expect(plan).toContain("SEARCH");
    expect(plan).not.toMatch(/SCAN|TEMP B-TREE/u);
  });
});

describe("the tables", () => {
  it.each(["transfers", "items", "totals", "parts", "log"])(
    "%s refuse what is no type",
    (table) => {
      const row = database
        .prepare("SELECT strict FROM pragma_table_list WHERE name = ?")
        .get(table);
      expect(row).toEqual({ strict: 1 });
    },
  );

  it("hold the sizes of the largest objects there are", () => {
    const most = 5 * 1024 ** 4;
    database
      .prepare("INSERT INTO totals VALUES (1, 'done', 1000000, ?, ?, 0)")
      .run(Number.MAX_SAFE_INTEGER, most);
    const row = database.prepare("SELECT sizeBytes, doneBytes FROM totals").get();
    expect(row).toEqual({ sizeBytes: Number.MAX_SAFE_INTEGER, doneBytes: most });
  });
});
