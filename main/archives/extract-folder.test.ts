import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  abandonExtract,
  commitExtract,
  findExtract,
  forgetExtract,
  makeExtractFolder,
  sweepExtract,
} from "./extract-folder.ts";

let root = "";
let out = "";
const names = () => readdirSync(root).toSorted();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-extract-"));
  out = join(root, "out");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("makes a folder beside the destination, and puts its tree in place", async () => {
  const extract = await makeExtractFolder(out, "id-1");
  expect(names()).toEqual([".longhaul-extract-id-1"]);
  writeFileSync(join(extract.tree, "a"), "1");
  await commitExtract(extract);
  expect(readdirSync(out)).toEqual(["a"]);
  // Whose it is can be told until that is kept elsewhere.
  expect(await findExtract(out, "id-1")).toBe("in-place");
  await forgetExtract(extract);
  expect(names()).toEqual(["out"]);
  expect(await findExtract(out, "id-1")).toBe("none");
});

it("abandons all of it", async () => {
  const extract = await makeExtractFolder(join(root, "new/out"), "id-1");
  writeFileSync(join(extract.tree, "a"), "1");
  await abandonExtract(extract);
  expect(names()).toEqual([]);
});

it("leaves a folder above that somebody else uses by now", async () => {
  const extract = await makeExtractFolder(join(root, "new/out"), "id-1");
  writeFileSync(join(root, "new/theirs"), "1");
  await abandonExtract(extract);
  expect(readdirSync(join(root, "new"))).toEqual(["theirs"]);
});

it("follows a link at the destination, and leaves it there", async () => {
  mkdirSync(join(root, "real"));
  symlinkSync("real", out);
  const extract = await makeExtractFolder(out, "id-1");
  writeFileSync(join(extract.tree, "a"), "1");
  await commitExtract(extract);
  await forgetExtract(extract);
  expect(names()).toEqual(["out", "real"]);
  expect(readdirSync(join(root, "real"))).toEqual(["a"]);
});

it("X12 sweeps what a crash left, and nothing else", async () => {
  expect(await sweepExtract(out, "id-1")).toBe("none");
  const extract = await makeExtractFolder(out, "id-1");
  writeFileSync(join(extract.tree, "a"), "1");
  expect(await sweepExtract(out, "id-2")).toBe("none");
  expect(await sweepExtract(out, "id-1")).toBe("removed");
  expect(names()).toEqual([]);
});

it("X12 knows a crash after the rename from one before", async () => {
  const extract = await makeExtractFolder(out, "id-1");
  const { renameSync } = await import("node:fs");
  renameSync(extract.tree, out);
  expect(await sweepExtract(out, "id-1")).toBe("in-place");
  expect(names()).toEqual(["out"]);
});

it.runIf(process.platform === "linux")(
  "X12 takes nothing on another disk for its tree, whatever its number there",
  async () => {
    // As where a disk was mounted at the destination.
    const other = "/proc";
    const marker = { id: "id-1", name: relative(root, other), ino: String(lstatSync(other).ino) };
    const folder = join(root, ".longhaul-extract-id-1");
    fill(folder, "longhaul-extract.json", JSON.stringify(marker));
    expect(await findExtract(out, "id-1")).toBe("removed");
    expect(await sweepExtract(out, "id-1")).toBe("removed");
    expect(names()).toEqual([]);
  },
);

const CRASHES = [
  ["before its tree", []],
  ["before its mark", ["tree"]],
] as const;

it.each(CRASHES)("X12 sweeps a folder of a crash %s", async (_, folders) => {
  const folder = join(root, ".longhaul-extract-id-1");
  mkdirSync(folder);
  for (const name of folders) mkdirSync(join(folder, name));
  expect(await sweepExtract(out, "id-1")).toBe("removed");
  expect(names()).toEqual([]);
});

const STRANGERS: readonly (readonly [string, (folder: string) => void])[] = [
  ["a file", (folder) => writeFileSync(folder, "mine")],
  ["a link", (folder) => symlinkSync(root, folder)],
  ["a folder with files", (folder) => fill(folder, "notes.txt", "mine")],
  ["a folder with a tree of files", (folder) => fill(join(folder, "tree"), "notes.txt", "mine")],
  [
    "another's mark",
    (folder) => fill(folder, "longhaul-extract.json", '{"id":"id-2","name":"out","ino":"1"}'),
  ],
  ["a mark that is none", (folder) => fill(folder, "longhaul-extract.json", "{}")],
];

function fill(folder: string, name: string, content: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), content);
}

it.each(STRANGERS)(
  "X12 leaves %s of that name alone, and does not unpack over it",
  async (_, make) => {
    make(join(root, ".longhaul-extract-id-1"));
    expect(await sweepExtract(out, "id-1")).toBe("not-ours");
    await expect(makeExtractFolder(out, "id-1")).rejects.toMatchObject({ code: "conflict" });
    expect(names()).toEqual([".longhaul-extract-id-1"]);
  },
);

it("takes no id that is a path", async () => {
  await expect(makeExtractFolder(out, "../x")).rejects.toThrow("no id");
  expect(names()).toEqual([]);
});
