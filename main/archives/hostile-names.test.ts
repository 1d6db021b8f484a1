import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { paxHeader, paxRecord, tar, tarEntry, tarFolder, tarMeta } from "./tar-fixtures.ts";
import { unpackBytes } from "./unpack-rig.ts";
import { zip } from "./zip-fixtures.ts";

/** Names that lead out, or could be read as if they did, on one system or another. */
const OUT = [
  "../evil.txt",
  "../../evil.txt",
  "../../../../../../../../../tmp/evil.txt",
  "ok/../../evil.txt",
  "ok/../evil.txt",
  "./../evil.txt",
  "./ok/../../evil.txt",
  "..",
  "ok/..",
  "/evil.txt",
  "//evil.txt",
  "/tmp/evil.txt",
  "///../evil.txt",
  ".//evil.txt",
  "..\\evil.txt",
  "ok\\..\\..\\evil.txt",
  "..\\..\\..\\evil.txt",
  "../ok\\..\\evil.txt",
  "\\evil.txt",
  "\\\\server\\share\\evil.txt",
  "\\\\?\\C:\\evil.txt",
  "//?/C:/evil.txt",
  "C:\\evil.txt",
  "C:/evil.txt",
  "C:evil.txt",
  "c:..\\evil.txt",
  "./C:evil.txt",
  "Z:",
  "ok//evil.txt",
  "ok/./evil.txt",
  ".",
  "./",
  "././.",
] as const;

/** A tar may hold `./`, the folder itself; nothing is written for it. */
const FINE_AS_FOLDER = new Set<string>([".", "./", "././."]);

it.each(OUT)("X1 a name that leads out is refused in a tar: %s", async (name) => {
  const isFolder = name.endsWith("/");
  const bytes = tar(tarEntry("before.txt", "1"), tarEntry(name, isFolder ? "" : "evil"));
  const { error, breaches, tree } = await unpackBytes(bytes);
  expect(breaches).toEqual([]);
  if (isFolder) return expect(tree).toEqual({ "before.txt": "644 1" });
  expect(error).toMatchObject({ code: "bad-archive", details: { entry: expect.anything() } });
});

it.each(OUT)("X1 a name that leads out is refused as that of a folder: %s", async (name) => {
  const { error, breaches } = await unpackBytes(tar(tarEntry("before.txt", "1"), tarFolder(name)));
  expect(breaches).toEqual([]);
  expect(error?.code).toBe(FINE_AS_FOLDER.has(name) ? undefined : "bad-archive");
});

it.each(OUT)("X1 a name that leads out is refused where PAX gives it: %s", async (name) => {
  const bytes = tar(paxHeader([paxRecord("path", name)]), tarEntry("fine.txt", "evil"));
  const { error, breaches } = await unpackBytes(gzipSync(bytes));
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

it.each(OUT)("X1 a name that leads out is refused as a long name of GNU: %s", async (name) => {
  const bytes = tar(tarMeta(Buffer.from(`${name}\0`), "L"), tarEntry("fine.txt", "evil"));
  const { error, breaches } = await unpackBytes(bytes);
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

it.each(OUT)("X1 a name that leads out is refused in a zip: %s", async (name) => {
  const isFolder = name.endsWith("/");
  const entries = [
    { name: "before.txt", content: "1" },
    { name, content: isFolder ? "" : "evil" },
  ];
  const { error, breaches, tree } = await unpackBytes(zip(entries));
  expect(breaches).toEqual([]);
  if (isFolder) return expect(tree).toEqual({ "before.txt": "644 1" });
  expect(error).toMatchObject({ code: "bad-archive", details: { entry: expect.anything() } });
});

it("X1 a name that leads out by the prefix of ustar is refused", async () => {
  const { error, breaches } = await unpackBytes(
    tar(tarEntry("evil.txt", "x", { prefix: "../up" })),
  );
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

/** Two names that are one file on some system. */
const TWINS = [
  ["A.txt", "a.txt"],
  ["caf\u00e9", "cafe\u0301"],
  ["stra\u00dfe", "strasse"],
  ["\ufb01le", "file"],
  ["\u212a", "k"],
  ["\u017fet", "set"],
  ["\u1e9e", "ss"],
  ["same", "same"],
  ["D/x", "d/y"],
  ["\u01c4/x", "\u01c6/y"],
  ["file", "file/below"],
  ["file/below", "file"],
  ["FILE", "file/below"],
  ["\u2163", "iv"],
] as const;

it.each(TWINS)("X4 two names for one file are refused in a tar: %s, %s", async (one, other) => {
  const { error, breaches } = await unpackBytes(tar(tarEntry(one, "1"), tarEntry(other, "2")));
  expect(breaches).toEqual([]);
  expect(error).toMatchObject({ code: "bad-archive", details: { entry: other } });
});

it.each(TWINS)("X4 two names for one file are refused in a zip: %s, %s", async (one, other) => {
  const entries = [one, other].map((name) => ({ name, content: name }));
  const { error, breaches } = await unpackBytes(zip(entries));
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

it("X4 a folder may be named again, and files may be alike in different folders", async () => {
  const folders = [tarFolder("d/"), tarEntry("d/a", "1"), tarFolder("d/"), tarEntry("e/a", "2")];
  const { error, tree } = await unpackBytes(tar(...folders));
  expect(error).toBeNull();
  expect(tree).toEqual({ d: "folder", "d/a": "644 1", e: "folder", "e/a": "644 2" });
});

const BAD_TEXTS: readonly (readonly [string, string | Buffer])[] = [
  ["nothing", ""],
  ["no UTF-8", Buffer.from([0x61, 0xff, 0xfe])],
  ["half of a character", Buffer.from([0x61, 0xc3])],
  ["something after a zero", Buffer.from("ok\0../../evil")],
  ["a new line after a zero", Buffer.from("ok\0\n../../evil")],
];

it.each(BAD_TEXTS)("X1 a name that is no text is refused in a tar: %s", async (_, name) => {
  const { error, breaches } = await unpackBytes(tar(tarEntry("a", "1"), tarEntry(name, "x")));
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

it.each(BAD_TEXTS)("X1 a name that is no text is refused in a zip: %s", async (_, name) => {
  const { error, breaches } = await unpackBytes(zip([{ name, content: "x" }]));
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

it("X1 names with spaces, dots and other scripts are what they are", async () => {
  const names = ["a b", "...", ".hidden", "a..b", "日本/語", "-rf", "%2e%2e", "~", "xy:z"];
  const { error, tree } = await unpackBytes(tar(...names.map((name) => tarEntry(name, "1"))));
  expect(error).toBeNull();
  const files = Object.keys(tree ?? {}).filter((path) => path !== "日本");
  expect(files.toSorted()).toEqual(names.toSorted());
});
