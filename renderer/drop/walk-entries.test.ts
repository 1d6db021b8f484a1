import { describe, expect, it } from "vitest";
import { fakeEntry, lockedFolder } from "./fake-entries.ts";
import type { Found } from "./walk-entries.ts";
import { rootOfEntry, rootOfFile } from "./walk-entries.ts";

const never = new AbortController().signal;

async function namesIn(walk: AsyncGenerator<Found>): Promise<string[]> {
  const names: string[] = [];
  for await (const found of walk) {
    names.push(found.kind === "file" ? found.file.name : `${found.kind} ${found.name}`);
  }
  return names;
}

describe("the walk over a drop", () => {
  it("names files by their path inside the drop", async () => {
    const root = rootOfEntry(fakeEntry("tree", { "a.bin": "1", sub: { "b.bin": "22" } }));
    expect(await namesIn(root.walk(never))).toEqual(["tree/a.bin", "tree/sub/b.bin"]);
  });

  it("asks a folder again until it has listed everything", async () => {
    const many = Object.fromEntries(Array.from({ length: 350 }, (_none, at) => [`f${at}`, "x"]));
    expect(await namesIn(rootOfEntry(fakeEntry("many", many)).walk(never))).toHaveLength(350);
  });

  it("leaves out what file browsers leave behind, and keeps hidden files", async () => {
    const tree = { ".DS_Store": "x", "Thumbs.db": "x", ".env.example": "x" };
    expect(await namesIn(rootOfEntry(fakeEntry("t", tree)).walk(never))).toEqual([
      "t/.env.example",
    ]);
  });

  it("says which folder cannot be read", async () => {
    expect(await namesIn(rootOfEntry(lockedFolder("private")).walk(never))).toEqual([
      "unreadable private",
    ]);
  });

  it("says which folder in the folder has nothing in it", async () => {
    const tree = { deep: { in: {} }, cluttered: { ".DS_Store": "x" }, full: { a: "1" } };
    expect(await namesIn(rootOfEntry(fakeEntry("t", tree)).walk(never))).toEqual([
      "empty-folder t/deep/in",
      "empty-folder t/cluttered",
      "t/full/a",
    ]);
    expect(await namesIn(rootOfEntry(fakeEntry("t", {})).walk(never))).toEqual([]);
  });

  it("can be walked twice", async () => {
    const root = rootOfEntry(fakeEntry("t", { a: "1" }));
    await namesIn(root.walk(never));
    expect(await namesIn(root.walk(never))).toEqual(["t/a"]);
  });

  it("ends when nobody wants it any more", async () => {
    const root = rootOfEntry(fakeEntry("t", { a: "1" }));
    await expect(namesIn(root.walk(AbortSignal.abort()))).rejects.toThrow("abort");
  });

  it("takes a single file as it is", async () => {
    const root = rootOfFile(new File(["abc"], "one.bin"));
    expect([root.kind, await namesIn(root.walk(never))]).toEqual(["file", ["one.bin"]]);
  });
});
