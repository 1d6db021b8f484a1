import { expect, it } from "vitest";
import { FaultScript } from "#shared/fault-script.ts";
import type { FaultRuleInput } from "#shared/fault-script.ts";
import type { OperationName } from "../http/route.ts";
import { FaultBook } from "./fault-book.ts";

function bookOf(...rules: readonly FaultRuleInput[]): FaultBook {
  return new FaultBook(FaultScript.parse({ rules }));
}

/** What a request meets, by the status that its rule answers; null: nothing. */
function ask(
  book: FaultBook,
  operation: OperationName,
  { key = "k", part = "", range = "" } = {},
): number | null {
  const query = new Map(part === "" ? [] : [["partNumber", part]]);
  const headers = new Map(range === "" ? [] : [["range", range]]);
  const route = { method: "GET", bucket: "lab", key, query, headers };
  const fault = book.next({ operation, route });
  return fault?.kind === "answer" ? fault.status : null;
}

const answer = (status: number) => ({ kind: "answer", status }) as const;

it("meets one request unless told otherwise, and says how often a rule was used", () => {
  const book = bookOf({ fault: answer(500) }, { times: 2, fault: answer(503) });
  const met = [1, 2, 3, 4].map(() => ask(book, "GetObject"));
  expect(met).toEqual([500, 503, 503, null]);
  expect(book.report()).toEqual({ used: [1, 2] });
});

it("finds requests by operation, key, part and first byte", () => {
  const book = bookOf(
    { on: { op: ["PutObject", "UploadPart"], key: "a/*.bin", part: 2 }, fault: answer(501) },
    { on: { start: 100 }, fault: answer(502) },
  );
  expect(ask(book, "UploadPart", { key: "a/b.bin", part: "3" })).toBeNull();
  expect(ask(book, "UploadPart", { key: "a/bxbin", part: "2" })).toBeNull();
  expect(ask(book, "UploadPart", { key: "a/b.bin", part: "2" })).toBe(501);
  expect(ask(book, "GetObject", { range: "bytes=10-20" })).toBeNull();
  expect(ask(book, "GetObject", { range: "bytes=100-200" })).toBe(502);
});

it("counts attempts by what is asked for, and skips by rule", () => {
  const book = bookOf(
    { on: { attempt: [2, 2] }, times: null, fault: answer(503) },
    { on: { key: "late" }, skip: 1, fault: answer(500) },
  );
  expect(ask(book, "UploadPart", { part: "1" })).toBeNull();
  expect(ask(book, "UploadPart", { part: "2" })).toBeNull();
  expect(ask(book, "UploadPart", { part: "1" })).toBe(503);
  expect(ask(book, "HeadObject", { key: "late" })).toBeNull();
  expect(ask(book, "GetObject", { key: "late" })).toBe(500);
});

it("draws the same lot in every run, and forgets all counts with a new script", () => {
  const script = FaultScript.parse({ rules: [{ times: null, chance: 0.2, fault: answer(503) }] });
  const book = new FaultBook(script);
  const draw = () => Array.from({ length: 1000 }, () => ask(book, "GetObject"));
  const first = draw();
  const metCount = first.filter((status) => status === 503).length;
  expect(metCount).toBeGreaterThan(150);
  expect(metCount).toBeLessThan(250);
  book.replace(script);
  expect(book.report()).toEqual({ used: [0] });
  expect(draw()).toEqual(first);
});
