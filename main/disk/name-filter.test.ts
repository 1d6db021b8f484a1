import { describe, expect, it } from "vitest";
import { createNameFilter, TAKES_ALL } from "./name-filter.ts";

describe("createNameFilter", () => {
  const names = ["a.bin", "a.tmp", "logs/x.bin", "node_modules/p/i.js", "src/logs/y.bin", ".env"];
  const taken = (include: string[], exclude: string[]): string[] =>
    names.filter((name) => createNameFilter(include, exclude).takesFile(name));

  it.each([
    [[], [], names],
    [["*.bin"], [], ["a.bin", "logs/x.bin", "src/logs/y.bin"]],
    [["*"], [], names],
    [[], ["*.tmp", "node_modules"], ["a.bin", "logs/x.bin", "src/logs/y.bin", ".env"]],
    [[], ["logs/"], ["a.bin", "a.tmp", "node_modules/p/i.js", ".env"]],
    [[], ["/logs"], ["a.bin", "a.tmp", "node_modules/p/i.js", "src/logs/y.bin", ".env"]],
    [["src/**"], [], ["src/logs/y.bin"]],
    [["src"], [], ["src/logs/y.bin"]],
    [["*.bin"], ["src/logs/*"], ["a.bin", "logs/x.bin"]],
  ])("with %j without %j takes %j", (include, exclude, expected) => {
    expect(taken(include, exclude)).toEqual(expected);
  });

  it("does not take a file for the folder that is meant", () => {
    expect(createNameFilter([], ["logs/"]).takesFile("logs")).toBe(true);
  });

  it("does not enter a folder that is left out", () => {
    const filter = createNameFilter(["*.bin"], ["node_modules", "logs/"]);
    const entered = ["node_modules", "a/node_modules", "logs", "src"].filter(filter.entersFolder);
    expect(entered).toEqual(["src"]);
    expect(TAKES_ALL.entersFolder("any")).toBe(true);
  });
});
