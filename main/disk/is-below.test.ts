import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assertBelow, isInside } from "./is-below.ts";

let base: string;
let root: string;
beforeEach(() => {
  // Without a link on the way, which is the quick way through.
  base = realpathSync(mkdtempSync(join(tmpdir(), "longhaul-below-")));
  root = join(base, "root");
  mkdirSync(join(root, "in"), { recursive: true });
  mkdirSync(join(base, "rootless"));
});
afterEach(() => {
  rmSync(base, { recursive: true });
});

const unsafe = { code: "path-unsafe" };

describe("assertBelow", () => {
  it("takes what is inside, there or not yet", async () => {
    for (const path of [root, join(root, "in"), join(root, "in/a/b"), join(root, "new")]) {
      await expect(assertBelow(root, path)).resolves.toBeUndefined();
    }
  });

  it("refuses what is beside, above, or only begins alike", async () => {
    for (const path of [base, join(base, "rootless/a"), `${root}x`, join(root, "../y"), "/etc"]) {
      await expect(assertBelow(root, path)).rejects.toMatchObject(unsafe);
    }
  });

  it("follows links: out is out, and round is in", async () => {
    symlinkSync(join(base, "rootless"), join(root, "out"));
    symlinkSync("in", join(root, "round"));
    await expect(assertBelow(root, join(root, "out/a"))).rejects.toMatchObject(unsafe);
    await expect(assertBelow(root, join(root, "round/a"))).resolves.toBeUndefined();
  });

  it("works for a root that is itself a link", async () => {
    symlinkSync(root, join(base, "alias"));
    await expect(assertBelow(join(base, "alias"), join(base, "alias/in"))).resolves.toBeUndefined();
  });

  it("needs the root to be there", async () => {
    const gone = join(base, "gone");
    await expect(assertBelow(gone, join(gone, "a"))).rejects.toMatchObject({
      code: "folder-missing",
    });
  });
});

describe("isInside", () => {
  it.each([
    ["/a", "/a", true],
    ["/a", "/a/b", true],
    ["/a", "/ab", false],
    ["/", "/ab", true],
  ])("of %s is %s: %s", (folder, path, expected) => {
    expect(isInside(folder, path)).toBe(expected);
  });
});
