import * as fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import {
  assignments,
  ITEM_COLUMNS,
  toColumns,
  toJson,
  TRANSFER_COLUMNS,
} from "./journal-columns.ts";
import { MIGRATIONS } from "./journal-schema.ts";

const known = { size: "plain", name: "plain", state: "json" } as const;

describe("toColumns", () => {
  it("takes what is given, in its order, as SQLite takes it", () => {
    expect(toColumns({ state: { phase: "done" }, size: 5, name: "a" }, known)).toEqual([
      ["state", "size", "name"],
      ['{"phase":"done"}', 5, "a"],
    ]);
  });

  it("leaves out what is undefined and what is no column, and keeps null", () => {
    const fields = { type: "item-changed", size: undefined, name: null, state: null };
    expect(toColumns(fields, known)).toEqual([
      ["name", "state"],
      [null, null],
    ]);
  });

  it.each([[true], [{ a: 1 }], [["a"]]])("refuses %j in a plain column, by its name", (value) => {
    expect(() => toColumns({ name: value }, known)).toThrow(/^name of a journal row/u);
  });
});

describe("toJson", () => {
  it.each([
    [undefined, null],
    [null, null],
    [0, "0"],
    ["", '""'],
    [false, "false"],
    [{ a: undefined, b: null }, '{"b":null}'],
  ])("of %j is %j", (value, json) => expect(toJson(value)).toBe(json));

  it("goes through SQLite's text unchanged, names that are no UTF-8 included", () => {
    const database = new DatabaseSync(":memory:");
    const echo = database.prepare("SELECT ? AS text");
    const anyText = fc.string({ unit: "binary" });
    const brokenText = fc.integer({ min: 0xdc80, max: 0xdcff }).map((c) => String.fromCharCode(c));
    const value = fc.record({ path: fc.tuple(anyText, brokenText).map((two) => two.join("/")) });
    fc.assert(
      fc.property(value, (given) => {
        const kept = String(echo.get(toJson(given))?.["text"]);
        expect(JSON.parse(kept)).toEqual(given);
      }),
    );
    database.close();
  });
});

describe("assignments", () => {
  it("sets each column once", () => {
    expect(assignments(["a", "b"])).toBe("a = ?, b = ?");
    expect(assignments([])).toBe("");
  });
});

describe("the known columns", () => {
  it.each([
    ["transfers", TRANSFER_COLUMNS, ["key", "id"]],
    ["items", ITEM_COLUMNS, ["transfer", "idx"]],
  ] as const)("are those of the table %s, but for its key", (table, columns, keys) => {
    const database = new DatabaseSync(":memory:");
    for (const step of MIGRATIONS) database.exec(step);
    const rows = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
    expect(rows.map((row) => row["name"])).toEqual([...keys, ...Object.keys(columns)]);
    database.close();
  });
});
