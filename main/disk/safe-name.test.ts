import { posix, win32 } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOfSafeName, namePlatform, safeName } from "./safe-name.ts";

const platforms = ["linux", "darwin", "win32"] as const;

/** Names that are made of what is dangerous, more often than chance would have it. */
const nastyKey = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "..",
        ".",
        "/",
        "\\",
        "%",
        "%00",
        "%25",
        "%2E",
        "%3A",
        ":",
        "CON",
        "nul",
        " ",
      ),
      fc.constantFrom("\0", "\u001f", "C:", "~", "%43", "%6E", "LPT¹", ".txt", "é", "🦙", "a"),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

describe("safeName", () => {
  it.each(["../../.ssh/x", "/etc/x", "a/../b", "a/./b", "a//b", "a/", "", "..", "."])(
    "refuses %j everywhere",
    (key) => {
      for (const platform of platforms) {
        expect(() => safeName(key, platform)).toThrow(
          expect.objectContaining({ code: "path-unsafe", details: { key } }),
        );
      }
    },
  );

  it.each(["%2e%2e/x", "..\\..\\x", "-rf", "a\nb", "\u202Egpj.exe", "...", "a b. "])(
    "keeps %j as it is on Linux",
    (key) => {
      expect(safeName(key, "linux")).toEqual({ path: key, isChanged: false });
    },
  );

  it.each([
    ["con", "%63on"],
    ["NUL.txt", "%4EUL.txt"],
    ["aux .c", "%61ux .c"],
    ["COM¹", "%43OM¹"],
    ["lpt0/x", "%6Cpt0/x"],
    ["console", "console"],
    ["COM10", "COM10"],
    ["a:b", "a%3Ab"],
    ["..\\x", "..%5Cx"],
    ['a<b>|?*"', "a%3Cb%3E%7C%3F%2A%22"],
    ["end.", "end%2E"],
    ["end ", "end%20"],
    ["tab\t", "tab%09"],
    ["my%20file.txt", "my%20file.txt"],
    ["100%25", "100%25"],
    ["a%3Ab", "a%253Ab"],
    ["end%2E", "end%252E"],
  ])("on Windows %j lies at %j", (key, path) => {
    expect(safeName(key, "win32")).toEqual({ path, isChanged: path !== key });
  });
});

describe("a safe name", () => {
  it("shortens a name that is too long, keeps its extension and tells two apart", () => {
    const long = `${"🦙".repeat(80)}.safetensors`;
    const { path } = safeName(`dir/${long}`, "linux");
    const name = path.slice("dir/".length);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name).toMatch(/^🦙+~[0-9a-f]{16}\.safetensors$/u);
    expect(safeName(`dir/${long.replace(".", "x.")}`, "linux").path).not.toBe(path);
  });

  it("counts a name as the platform does", () => {
    const name = "é".repeat(200);
    expect(safeName(name, "win32").path).toBe(name);
    expect(safeName(name, "darwin").isChanged).toBe(true);
  });

  it("leads nowhere but below the destination, whatever the key", () => {
    fc.assert(
      fc.property(nastyKey, fc.constantFrom(...platforms), (key, platform) => {
        const path = tryName(key, platform);
        if (path === null) return;
        const rules = platform === "win32" ? win32 : posix;
        const root = platform === "win32" ? String.raw`C:\d` : "/d";
        expect(rules.resolve(root, path).startsWith(`${root}${rules.sep}`)).toBe(true);
        expect(path.split("/").length).toBe(key.split("/").length);
        expect(path).not.toContain("\0");
      }),
      { numRuns: 2000 },
    );
  });

  it("reads back to the key, unless it was shortened", () => {
    fc.assert(
      fc.property(nastyKey, fc.constantFrom(...platforms), (key, platform) => {
        const path = tryName(key, platform);
        if (path === null || key.length > 80) return;
        expect(keyOfSafeName(path, platform)).toBe(key);
      }),
      { numRuns: 5000 },
    );
  });

  it("leaves nothing that Windows reserves", () => {
    fc.assert(
      fc.property(nastyKey, (key) => {
        for (const name of tryName(key, "win32")?.split("/") ?? []) {
          expect(name).not.toMatch(/[<>:"\\|?*]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu);
        }
      }),
    );
  });

  it("follows the rules of Linux where it does not know the platform", () => {
    expect(["freebsd", "win32", "darwin"].map((name) => namePlatform(name as "aix"))).toEqual([
      "linux",
      "win32",
      "darwin",
    ]);
  });
});

function tryName(key: string, platform: (typeof platforms)[number]): string | null {
  try {
    return safeName(key, platform).path;
  } catch {
    return null;
  }
}
