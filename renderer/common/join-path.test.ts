import { expect, it } from "vitest";
import { joinPath } from "./join-path.ts";

it.each([
  ["/data", "bert", "/", "/data/bert"],
  ["/", "bert", "/", "/bert"],
  ["C:\\data", "bert", "\\", "C:\\data\\bert"],
  ["C:\\", "bert", "\\", "C:\\bert"],
])("puts %s and %s together as the host does", (folder, name, pathSeparator, path) => {
  expect(joinPath(folder, name, { pathSeparator })).toBe(path);
});
