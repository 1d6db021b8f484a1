import { readFile } from "node:fs/promises";

import { digestFile } from "./stage.ts";
import type { Finished } from "./run-program.ts";

/** One thing that a client must manage; rejects with what went wrong. */
export type Check = { readonly title: string; readonly run: () => Promise<void> };

/** @throws {Error} with what the program wrote, when it did not end with `code`. */
export function expectCode(finished: Finished, code = 0): void {
  if (finished.code === code) return;
  throw new Error(`exit ${finished.code}, not ${code}: ${finished.stderr.trim()}`);
}

export function expectEqual(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${clip(got)} is not ${clip(wanted)}`);
}

function clip(text: string | undefined): string {
  return text !== undefined && text.length > 300 ? `${text.slice(0, 300)}…` : String(text);
}

export async function expectSameFile(actual: string, expected: string): Promise<void> {
  expectEqual(await digestFile(actual), await digestFile(expected));
}

export async function expectBytes(actual: Buffer, file: string, range?: Range): Promise<void> {
  const whole = await readFile(file);
  const expected = range === undefined ? whole : whole.subarray(range.start, range.end);
  if (!actual.equals(expected)) throw new Error(`${actual.length} bytes came back wrong`);
}
type Range = { readonly start: number; readonly end: number };

/** Fetches a presigned address and compares it with a file. */
export async function expectAtUrl(url: string, file: string): Promise<void> {
  const answer = await fetch(url.trim(), { signal: AbortSignal.timeout(30_000) });
  expectEqual(answer.status, 200);
  await expectBytes(Buffer.from(await answer.arrayBuffer()), file);
}
