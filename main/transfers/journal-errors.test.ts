import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { isDamage, toJournalError } from "./journal-errors.ts";

function sqliteError(errcode: number): Error {
  return Object.assign(new Error("from SQLite"), { code: "ERR_SQLITE_ERROR", errcode });
}

describe("toJournalError", () => {
  it.each([
    [13, "disk-full", "SQLITE_FULL"],
    [10, "disk-failed", "SQLITE_IOERR"],
    [1034, "disk-failed", "SQLITE_IOERR"],
    [11, "disk-failed", "SQLITE_CORRUPT"],
    [14, "path-denied", "SQLITE_CANTOPEN"],
    [5, "locked", "SQLITE_BUSY"],
  ])("result code %i is %s", (errcode, code, cause) => {
    expect(toJournalError(sqliteError(errcode), "/h/journal.db")).toMatchObject({
      code,
      details: { path: "/h/journal.db", cause },
    });
  });

  it("leaves a mistake of ours a bug, with its cause", () => {
    const mistake = sqliteError(1);
    const error = toJournalError(mistake, "/h/journal.db");
    expect(error.code).toBe("internal");
    expect(error.cause).toBe(mistake);
  });

  it("adds the path to an error that is ours already", () => {
    const ours = new LonghaulError("unsupported", "newer");
    expect(toJournalError(ours, "/h")).toMatchObject({
      code: "unsupported",
      details: { path: "/h" },
    });
  });
});

describe("isDamage", () => {
  it("tells wrong content from a disk that is full or away", () => {
    expect([11, 26, 267, 13, 10, 14].map((errcode) => isDamage(sqliteError(errcode)))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(isDamage(new Error("other"))).toBe(false);
  });
});
