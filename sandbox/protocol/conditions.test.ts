import { describe, expect, it } from "vitest";

import { checkRead, checkWrite } from "./conditions.ts";

const CURRENT = { etag: "abc-2", modifiedMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) };
const SAME = "Fri, 02 Jan 2026 03:04:05 GMT";
const BEFORE = "Fri, 02 Jan 2026 03:04:04 GMT";

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

describe("checkRead", () => {
  it.each([
    [{}, "send"],
    [{ "if-match": '"abc-2"' }, "send"],
    [{ "if-match": "abc-2" }, "send"],
    [{ "if-match": '"x", "abc-2"' }, "send"],
    [{ "if-match": "*" }, "send"],
    [{ "if-match": '"x"' }, "PreconditionFailed"],
    [{ "if-none-match": '"abc-2"' }, "not-modified"],
    [{ "if-none-match": 'W/"abc-2"' }, "not-modified"],
    [{ "if-none-match": '"x"' }, "send"],
    [{ "if-modified-since": SAME }, "not-modified"],
    [{ "if-modified-since": BEFORE }, "send"],
    [{ "if-modified-since": "nonsense" }, "send"],
    [{ "if-unmodified-since": SAME }, "send"],
    [{ "if-unmodified-since": BEFORE }, "PreconditionFailed"],
    [{ "if-match": '"abc-2"', "if-unmodified-since": BEFORE }, "send"],
    [{ "if-none-match": '"x"', "if-modified-since": SAME }, "send"],
  ])("answers %j with %s", (headers, expected) => {
    expect(outcome(() => checkRead(new Map(Object.entries(headers)), CURRENT))).toBe(expected);
  });
});

describe("checkWrite", () => {
  it.each([
    [{}, CURRENT, undefined],
    [{}, undefined, undefined],
    [{ "if-none-match": "*" }, undefined, undefined],
    [{ "if-none-match": "*" }, CURRENT, "PreconditionFailed"],
    [{ "if-none-match": '"abc-2"' }, undefined, "NotImplemented"],
    [{ "if-match": '"abc-2"' }, CURRENT, undefined],
    [{ "if-match": '"x"' }, CURRENT, "PreconditionFailed"],
    [{ "if-match": '"abc-2"' }, undefined, "NoSuchKey"],
  ])("answers %j over %j with %s", (headers, current, expected) => {
    expect(outcome(() => checkWrite(new Map(Object.entries(headers)), current))).toBe(expected);
  });
});
