import { describe, expect, it } from "vitest";
import type { ErrorCode } from "#shared/errors.ts";
import { decideConflict, otherName, outcomeForAll } from "./outcome.ts";
import { weakerRung } from "./rungs.ts";

const error = (code: ErrorCode) => ({ code, message: "", details: {} });

describe("outcomeForAll", () => {
  it.each([
    ["a full disk rests the transfer", "disk-full", "paused"],
    ["keys that ended rest it", "credentials-expired", "paused"],
    ["a missing bucket ends it", "bucket-missing", "failed"],
    ["an endpoint that was given up ends it", "unreachable", "failed"],
  ] as const)("%s", (_title, code, kind) => {
    expect(outcomeForAll(error(code), "download")).toMatchObject({ kind, error: { code } });
  });

  it.each(["path-missing", "source-changed", "object-changed", "corrupt", "conflict"] as const)(
    "%s is one item's own affair",
    (code) => {
      expect(outcomeForAll(error(code), "download")).toBeNull();
    },
  );
});

it("counts a person's answer before the rule", () => {
  expect(decideConflict("ask", "skip")).toBe("skip");
  expect(decideConflict("replace", null)).toBe("replace");
});

it.each([
  ["model.bin", "model (2).bin"],
  ["a/b/model.tar.gz", "a/b/model (2).tar.gz"],
  ["Makefile", "Makefile (2)"],
  [".env", ".env (2)"],
  ["v1.5/weights", "v1.5/weights (2)"],
])("keeps both %s and %s", (name, other) => {
  expect(otherName(name, 2)).toBe(other);
});

describe("weakerRung", () => {
  it("is what both have at least", () => {
    expect(weakerRung("part-sha256", "size")).toBe("size");
    expect(weakerRung("md5-etag", "signed-sha256")).toBe("md5-etag");
  });

  it("is the other one's while there is none", () => {
    expect(weakerRung(null, "size")).toBe("size");
    expect(weakerRung("size", null)).toBe("size");
  });
});
