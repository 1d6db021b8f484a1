import type { SQLOutputValue } from "node:sqlite";

export type Row = Record<string, SQLOutputValue>;

/** Readers of one column; each throws where the catalog holds another type than it was given. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`${column} is not text.`);
  return value;
}

export function optionalTextOf(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column);
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new TypeError(`${column} is not a number.`);
  return value;
}

/** A key, which is stored as the bytes of its UTF-8. */
export function keyOf(row: Row, column: string): string {
  return bytesOf(row, column).toString("utf8");
}

export function bytesOf(row: Row, column: string): Buffer {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`${column} is not bytes.`);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
