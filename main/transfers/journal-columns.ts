import type { StatementSync } from "node:sqlite";
import type { ItemRow, TransferRow } from "./journal.ts";

/** Gives the prepared statement of an SQL text; the same text twice is prepared once. */
export type Prepare = (sql: string) => StatementSync;

type Column = "plain" | "json";
type Value = string | number | null;

/** The columns that a change may set, in the order of the table. A new field does not compile until it is here. */
export const TRANSFER_COLUMNS: Readonly<Record<Exclude<keyof TransferRow, "id">, Column>> = {
  position: "plain",
  direction: "plain",
  name: "plain",
  specKey: "plain",
  spec: "json",
  state: "json",
  listing: "json",
  counters: "json",
  createdAtMs: "plain",
  startedAtMs: "plain",
  finishedAtMs: "plain",
  activeMs: "plain",
};

export const ITEM_COLUMNS: Readonly<
  Record<Exclude<keyof ItemRow, "transferId" | "index">, Column>
> = {
  name: "plain",
  sizeBytes: "plain",
  phase: "plain",
  doneBytes: "plain",
  keptBytes: "plain",
  source: "json",
  resume: "json",
  arrivalKey: "plain",
  error: "json",
  note: "plain",
  receipt: "json",
};

/** JSON for a column; null and undefined are SQL's NULL. */
export function toJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** The columns that `fields` names, with their values as SQLite takes them; others are left out. */
export function toColumns(
  fields: object,
  known: Readonly<Record<string, Column>>,
): readonly [columns: string[], values: Value[]] {
  const columns: string[] = [];
  const values: Value[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const column = known[name];
    if (column === undefined || value === undefined) continue;
    columns.push(name);
    values.push(column === "json" ? toJson(value) : toPlain(name, value));
  }
  return [columns, values];
}

export function assignments(columns: readonly string[]): string {
  return columns.map((column) => `${column} = ?`).join(", ");
}

function toPlain(name: string, value: unknown): Value {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new TypeError(`${name} of a journal row is a ${typeof value}`);
}
