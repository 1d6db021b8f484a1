import { expect, it } from "vitest";
import type { LibraryRow } from "./library-rows.ts";
import { onlyArchive } from "./only-archive.ts";

const object = (key: string): LibraryRow => ({
  kind: "object",
  key,
  name: key,
  sizeBytes: 1,
  modifiedAtMs: 0,
  etag: "e",
});
const prefix = (key: string): LibraryRow => ({ kind: "prefix", key, name: key });
const ticks = (...rows: readonly LibraryRow[]) => new Map(rows.map((row) => [row.key, row]));

it("is the one object with an archive's ending, and the folder has the name before it", () => {
  expect(onlyArchive(ticks(object("m/bert.tar.zst")))).toEqual({
    key: "m/bert.tar.zst",
    folderName: "bert",
  });
});

it.each([
  ["nothing", ticks()],
  ["another file", ticks(object("m/bert.bin"))],
  ["a prefix with such a name", ticks(prefix("m/bert.zip/"))],
  ["two of them", ticks(object("a.zip"), object("b.zip"))],
])("is nothing for %s", (_what, ticked) => {
  expect(onlyArchive(ticked)).toBeNull();
});
