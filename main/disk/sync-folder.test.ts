import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { syncFolder } from "./sync-folder.ts";

const answering = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

describe("syncFolder", () => {
  it("flushes a real folder", async () => {
    const root = mkdtempSync(join(tmpdir(), "longhaul-sync-"));
    expect(await syncFolder(root)).toBe(true);
    rmSync(root, { recursive: true });
    await expect(syncFolder(root)).rejects.toMatchObject({ code: "folder-missing" });
  });

  it.each(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOTTY", "ENOSYS"])(
    "takes %s for a file system that cannot",
    async (code) => {
      expect(await syncFolder("/models", answering(code))).toBe(false);
    },
  );

  it.each(["EIO", "ENOSPC", "EACCES"])("takes %s for a failure", async (cause) => {
    await expect(syncFolder("/models", answering(cause))).rejects.toMatchObject({
      details: { cause, path: "/models" },
    });
  });
});
