import { describe, expect, it } from "vitest";
import { makeEntry } from "#shared/cache-fixtures.ts";
import type { EntryCommand } from "./entry-commands.ts";
import { affectedBy, entryKey, pinCommand } from "./entry-commands.ts";
import { entryMenu } from "./entry-menu.ts";
import { HOST } from "../fixture/fake-handlers.ts";

const well = makeEntry("well");
const pinned = makeEntry("pinned", { isPinned: true });
const damaged = makeEntry("damaged", { trouble: "damaged" });
const changed = makeEntry("changed", { trouble: "changed" });
const missing = makeEntry("missing", { trouble: "missing" });
const own = makeEntry("own", { kind: "own", frees: "own" });
const all = [well, pinned, damaged, changed, missing, own];

describe("what a command can be done to", () => {
  it.each([
    ["pin", ["well", "damaged", "changed", "missing", "own"]],
    ["unpin", ["pinned"]],
    ["verify", ["well", "pinned", "damaged", "changed", "own"]],
    ["repair", ["damaged"]],
    // A whole copy in a cache folder would become a file that nobody knows of.
    ["forget", ["changed", "missing", "own"]],
  ] as const)("%s: %j", (command, keys) =>
    expect(affectedBy(command, all).map(({ key }) => key)).toEqual(keys),
  );

  it("one key pins until all are pinned", () => {
    expect(pinCommand([pinned, well])).toBe("pin");
    expect(pinCommand([pinned])).toBe("unpin");
  });
});

describe("keys on a row", () => {
  const held = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
  it.each([
    [{ key: " " }, "tick"],
    [{ key: "p" }, "toggle-pin"],
    [{ key: "V" }, "verify"],
    [{ key: "r" }, "repair"],
    [{ key: "Delete" }, "forget"],
    [{ key: "Enter", shiftKey: true }, "show"],
    [{ key: "Enter" }, null],
    [{ key: "c", ctrlKey: true }, "copy-address"],
    [{ key: "C", metaKey: true, shiftKey: true }, "copy-pin"],
    [{ key: "a", ctrlKey: true }, "tick-all"],
    [{ key: "p", altKey: true }, null],
    // The browser's own.
    [{ key: "r", ctrlKey: true }, null],
  ])("%o means %s", (pressed, meaning) => expect(entryKey({ ...held, ...pressed })).toBe(meaning));
});

describe("the menu", () => {
  const labels = (entries: typeof all, isWorking = false, canShow = true) =>
    entryMenu({
      entries,
      host: { ...HOST, canShowInFolder: canShow },
      isWorking,
      run: (_command: EntryCommand) => undefined,
    }).map((entry) => (entry.kind === "item" ? entry.label : "-"));

  it("has what can be done, and nothing else", () => {
    expect(labels([well])).toEqual([
      "Pin",
      "Verify",
      "-",
      "Show in folder",
      "Copy address",
      "-",
      "Copy as command: pin",
      "Copy as command: verify",
    ]);
    expect(labels([{ ...damaged, isPinned: true }])).toEqual([
      "Unpin",
      "Verify",
      "Repair",
      "-",
      "Show in folder",
      "Copy address",
      "-",
      "Copy as command: unpin",
      "Copy as command: verify",
      "Copy as command: repair",
    ]);
  });

  it("offers no second work while one goes on, and no folder where the host has none", () => {
    expect(labels([damaged], true, false)).not.toContain("Repair");
    expect(labels([damaged], true, false)).not.toContain("Verify");
    expect(labels([damaged], true, false)).not.toContain("Show in folder");
  });

  it("forgets what is nobody's loss", () => {
    expect(labels([missing])).toContain("Forget…");
    expect(labels([missing])).not.toContain("Verify");
  });
});
