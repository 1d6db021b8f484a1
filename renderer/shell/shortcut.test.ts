import { describe, expect, it } from "vitest";
import { SHORTCUT_GROUPS, keysHere } from "./shortcut-list.ts";
import { shortcutOf } from "./shortcut.ts";

function press(chord: string) {
  const parts = chord.split(" ");
  return {
    key: parts.at(-1) ?? "",
    ctrlKey: parts.includes("Ctrl"),
    metaKey: parts.includes("Meta"),
    shiftKey: parts.includes("Shift"),
    altKey: parts.includes("Alt"),
  };
}

describe("a key", () => {
  it.each([
    ["Ctrl 1", "transfers"],
    ["Meta 2", "library"],
    ["Ctrl ,", "settings"],
    ["Ctrl o", "upload-files"],
    ["Ctrl Shift O", "upload-folder"],
    ["Ctrl f", "filter"],
    ["Ctrl l", "limit"],
    ["Ctrl Shift P", "pause-all"],
    ["F6", "next-region"],
    ["Shift F6", "previous-region"],
    ["Shift ?", "keys"],
    ["Ctrl p", null],
    ["Alt Ctrl 1", null],
    ["1", null],
    ["Ctrl c", null],
  ])("%s means %s", (chord, shortcut) => {
    expect(shortcutOf(press(chord), false)).toBe(shortcut);
  });

  it("that is text stays text while someone types", () => {
    expect(shortcutOf(press("Shift ?"), true)).toBeNull();
    expect(shortcutOf(press("Ctrl f"), true)).toBe("filter");
  });
});

describe("the sheet", () => {
  it("lists each key once in its place", () => {
    for (const { lines } of SHORTCUT_GROUPS) {
      const keys = lines.map((line) => line.keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it("has every key that works everywhere", () => {
    const everywhere = SHORTCUT_GROUPS[0]?.lines ?? [];
    const means = everywhere.map(({ keys }) =>
      shortcutOf(press(keys.toLowerCase() === keys ? keys : fix(keys)), false),
    );
    expect(means.every((meaning) => meaning !== null)).toBe(true);
    expect(new Set(means).size).toBe(everywhere.length);
  });

  it("writes macOS's own signs", () => {
    expect(keysHere("Ctrl Shift P", "darwin")).toBe("⌘ ⇧ P");
    expect(keysHere("Ctrl Shift P", "linux")).toBe("Ctrl Shift P");
  });
});

/** As the browser names the key of a line on the sheet. */
function fix(keys: string): string {
  return keys.replace(/ ([A-Z])$/, (_all, letter: string) => ` ${letter.toLowerCase()}`);
}
