import { stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk, systemCode, toDiskError } from "./disk-errors.ts";

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

describe("disk errors", () => {
  it.each([
    ["ENOENT", "read", "path-missing"],
    ["ENOENT", "write", "folder-missing"],
    ["ENOTDIR", "write", "folder-missing"],
    ["EACCES", "read", "path-denied"],
    ["EROFS", "write", "path-denied"],
    ["ENOSPC", "write", "disk-full"],
    ["EDQUOT", "write", "disk-full"],
    ["EIO", "write", "disk-failed"],
    ["EFBIG", "write", "disk-failed"],
    ["EXDEV", "write", "disk-failed"],
    ["ELOOP", "write", "path-unsafe"],
    ["ENAMETOOLONG", "write", "path-unsafe"],
    ["EEXIST", "write", "conflict"],
  ] as const)("%s while it is used to %s is %s", (cause, use, code) => {
    expect(toDiskError(systemError(cause), "/models/a.bin", use)).toMatchObject({
      code,
      details: { path: "/models/a.bin", cause },
    });
  });

  it("leaves alone what is classified, canceled, or a bug", () => {
    const known = new LonghaulError("corrupt", "x");
    const abort = new DOMException("x", "AbortError");
    const bug = new TypeError("x");
    expect([known, abort, bug].map((error) => toDiskError(error, "/a", "read"))).toEqual([
      known,
      abort,
      bug,
    ]);
  });

  it("classifies what an effect throws and hands back what it returns", async () => {
    await expect(onDisk("/none", "read", () => stat("/nowhere-at-all"))).rejects.toMatchObject({
      code: "path-missing",
    });
    await expect(onDisk("/none", "read", async () => 7)).resolves.toBe(7);
  });

  it("knows the system's name of an error", () => {
    expect(systemCode(systemError("EIO"))).toBe("EIO");
    expect(systemCode(new Error("none"))).toBeUndefined();
    expect(systemCode("EIO")).toBeUndefined();
  });
});
