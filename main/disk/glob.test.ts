import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob } from "./glob.ts";

describe("compileGlob", () => {
  it.each([
    ["*.bin", "a.bin", true],
    ["*.bin", ".hidden.bin", true],
    ["*.bin", "a/b.bin", false],
    ["*.bin", "a.bin2", false],
    ["**/*.bin", "b.bin", true],
    ["**/*.bin", "a/.git/b.bin", true],
    ["logs/**", "logs/a/b", true],
    ["logs/**", "log/a", false],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["a/**/z", "abz", false],
    ["?.txt", "é.txt", true],
    ["?.txt", "/.txt", false],
    ["model-[0-9].gguf", "model-7.gguf", true],
    ["model-[!0-9].gguf", "model-7.gguf", false],
    ["model-[!0-9].gguf", "model-x.gguf", true],
    ["*.{gguf,safetensors}", "a.safetensors", true],
    ["*.{gguf,safetensors}", "a.bin", false],
    ["a,b", "a,b", true],
    ["a}b", "a}b", true],
    ["a+(b).c$", "a+(b).c$", true],
    [String.raw`\*.bin`, "*.bin", true],
    [String.raw`\*.bin`, "a.bin", false],
    ["[", "[", true],
    ["[]", "[]", true],
    ["", "", true],
  ])("%s on %s is %s", (pattern, path, expected) => {
    expect(compileGlob(pattern)(path)).toBe(expected);
  });

  it.each(["a{b", "[z-a]"])("refuses %s, which says nothing", (pattern) => {
    expect(() => compileGlob(pattern)).toThrow(expect.objectContaining({ code: "invalid" }));
  });

  it("matches every text that has no special characters with itself, and with ** alone", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9 ._/%+$^()|-]*$/u), (text) => {
        expect(compileGlob(text)(text)).toBe(true);
        expect(compileGlob("**")(text)).toBe(true);
      }),
    );
  });
});
