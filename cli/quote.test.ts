import { assert, property, string } from "fast-check";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { quoteArgument, showName, showText } from "./quote.ts";

it.each([
  ["model.bin", "model.bin"],
  ["tree/ä/模型.bin", "tree/ä/模型.bin"],
  ["two words", "'two words'"],
  ["it's", "'it'\\''s'"],
  ["--limit-rate", "--limit-rate"],
  ["$HOME", "'$HOME'"],
  ["", "''"],
  ["a\nb", "$'a\\nb'"],
  ["\x1b[2J", "$'\\x1b[2J'"],
  // A byte that is no UTF-8, as paths in memory have it.
  ["caf\udce9", "$'caf\\xe9'"],
  ["exe\u202Etxt", "$'exe\\xe2\\x80\\xaetxt'"],
])("quotes %j as %s", (name, quoted) => {
  expect(quoteArgument(name)).toBe(quoted);
});

it("leaves a name with spaces alone where it is not for a shell", () => {
  const names = ["two words", "bell\x07", "-rf"];
  expect(names.map(showName)).toEqual(["two words", "$'bell\\x07'", "'-rf'"]);
});

it("keeps a server's text on one line and harmless", () => {
  expect(showText("no\nkey \x1b]0;x\x07 here")).toBe("no key \\u{1b}]0;x\\u{7} here");
});

it("never lets a character through that a terminal acts on", () => {
  assert(
    property(string({ unit: "binary" }), (name) => {
      for (const shown of [quoteArgument(name), showName(name), showText(name)]) {
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }
    }),
  );
});

it.runIf(existsSync("/bin/bash"))("is read back by a shell as the same name", () => {
  const names = ["a b", "it's", "x\ny\t'\\", "\x1b[2J", "\u202Ezip", "-rf", "$(id)", "`id`", "!x"];
  const script = `printf '%s\\0' ${names.map(quoteArgument).join(" ")}`;
  const printed = execFileSync("/bin/bash", ["-c", script], { encoding: "utf8" });
  expect(printed.split("\0").slice(0, -1)).toEqual(names);
});
