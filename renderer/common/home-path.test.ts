import { expect, it } from "vitest";
import { homePath, homeWords } from "./home-path.ts";

const linux = { userFolder: "/home/mira", pathSeparator: "/" };
const windows = { userFolder: String.raw`C:\Users\mira`, pathSeparator: "\\" };

it.each([
  ["/home/mira/Models/a.gguf", linux, "~/Models/a.gguf"],
  ["/home/mira", linux, "~"],
  ["/home/miranda/Models", linux, "/home/miranda/Models"],
  ["/mnt/scratch", linux, "/mnt/scratch"],
  [String.raw`C:\Users\mira\Models`, windows, String.raw`~\Models`],
  ["/home/mira/Models", null, "/home/mira/Models"],
  ["/a", { userFolder: "", pathSeparator: "/" }, "/a"],
])("writes %s as people do", (path, host, text) => {
  expect(homePath(path, host)).toBe(text);
});

it("writes the paths in a sentence as people do", () => {
  const text = "Not enough space on the disk of /home/mira/Models: 55.2 GB to go.";
  expect(homeWords(text, linux)).toBe("Not enough space on the disk of ~/Models: 55.2 GB to go.");
  expect(homeWords("/home/miranda/Models is away.", linux)).toBe("/home/miranda/Models is away.");
  expect(homeWords(text, null)).toBe(text);
});
