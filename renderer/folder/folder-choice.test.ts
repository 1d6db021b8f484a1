import { expect, it } from "vitest";
import type { FolderEntry, FolderPage } from "#shared/contract.ts";
import { chooseLabel, folderName, pickedOf } from "./folder-choice.ts";

const page: FolderPage = { path: "/home/m/Models", parent: "/home/m", entries: [], isCut: false };
const file: FolderEntry = {
  name: "a.bin",
  path: "/home/m/a.bin",
  kind: "file",
  sizeBytes: 5,
  modifiedAtMs: 0,
};
const none: ReadonlyMap<string, FolderEntry> = new Map();

it("chooses the folder on screen", () => {
  expect(pickedOf("folder", page, none)).toEqual([
    { ref: { path: "/home/m/Models" }, path: "/home/m/Models", kind: "folder" },
  ]);
  expect(chooseLabel("folder", page, 0)).toBe("Choose Models");
});

it("chooses what is ticked, from whichever folders", () => {
  expect(pickedOf("files", page, new Map([[file.path, file]]))).toEqual([
    { ref: { path: "/home/m/a.bin" }, path: "/home/m/a.bin", kind: "file" },
  ]);
  expect([chooseLabel("files", page, 0), chooseLabel("files", page, 3)]).toEqual([
    "Choose",
    "Choose 3",
  ]);
});

it("has nothing to choose before the folder answered", () => {
  expect(pickedOf("folder", null, none)).toEqual([]);
});

it.each([
  ["/data/models/", "models"],
  ["C:\\Users\\mira", "mira"],
  ["/", "/"],
])("calls %s %s", (path, name) => {
  expect(folderName(path)).toBe(name);
});
