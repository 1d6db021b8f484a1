import { expect, it } from "vitest";
import { base256, padded, paxHeader, paxRecord, tar, TAR_END } from "./tar-fixtures.ts";
import { tarEntry, tarFolder, tarHeader, tarLink, tarMeta } from "./tar-fixtures.ts";
import { unpackBytes } from "./unpack-rig.ts";

const OUTSIDE_TARGETS = [
  "/etc/passwd",
  "../canary.txt",
  "../../canary.txt",
  "a/../../canary.txt",
  "..",
  "\\windows",
  "C:/windows",
  "",
] as const;

it.each(OUTSIDE_TARGETS)("X2 a link is skipped by default, and counted: %s", async (target) => {
  const bytes = tar(tarEntry("file", "1"), tarLink("link", target === "" ? "x" : target));
  const { error, result, tree, breaches } = await unpackBytes(bytes);
  expect({ error, breaches, tree }).toEqual({ error: null, breaches: [], tree: { file: "644 1" } });
  expect(result?.skipped).toEqual({ symlink: 1 });
});

it.each(OUTSIDE_TARGETS)(
  "X2 a link that leads out is refused where links are asked for: %s",
  async (target) => {
    const { error, breaches } = await unpackBytes(tar(tarLink("link", target)), {
      links: "inside",
    });
    expect(breaches).toEqual([]);
    expect(error?.code).toBe("bad-archive");
  },
);

it.each(["skip", "inside"] as const)(
  "X2 nothing is written through a link that came before (%s)",
  async (links) => {
    const attacks = [
      [tarLink("d", "/tmp"), tarEntry("d/evil", "x")],
      [tarLink("d", "."), tarEntry("d/evil", "x")],
      [tarLink("f", "../canary.txt"), tarEntry("f", "x")],
      [tarFolder("d/"), tarLink("d", "..")],
      [tarLink("D", "/tmp"), tarEntry("d/evil", "x")],
      [tarLink("l", "x", "1"), tarEntry("l/evil", "x")],
    ];
    for (const attack of attacks) {
      const { error, breaches } = await unpackBytes(tar(...attack), { links });
      expect(breaches).toEqual([]);
      expect(error?.code).toBe("bad-archive");
    }
  },
);

it("X2 a chain of links, each inside, does not lead out", async () => {
  const chain = [tarFolder("p/q/"), tarLink("p/q/up", "../.."), tarLink("p/q/out", "up/../x")];
  const { error, breaches } = await unpackBytes(tar(...chain), { links: "inside" });
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

it("X2 links that stay inside are made where they are asked for", async () => {
  const bytes = tar(tarLink("d/link", "../file"), tarEntry("file", "1"), tarLink("self", "."));
  const { error, result, tree } = await unpackBytes(bytes, { links: "inside" });
  expect(error).toBeNull();
  expect(tree).toEqual({ d: "folder", "d/link": "-> ../file", file: "644 1", self: "-> ." });
  expect(result).toMatchObject({ linkCount: 2, skipped: {} });
});

const HARDLINKS = ["../canary.txt", "/etc/passwd", "not-there", "link", "folder"] as const;

it.each(HARDLINKS)(
  "X3 a hard link is skipped, or refused where links are asked for: %s",
  async (target) => {
    const bytes = tar(tarFolder("folder/"), tarLink("copy", target, "1"));
    const skipped = await unpackBytes(bytes);
    expect(skipped).toMatchObject({
      error: null,
      breaches: [],
      result: { skipped: { hardlink: 1 } },
    });
    const { error, breaches } = await unpackBytes(bytes, { links: "inside" });
    expect(breaches).toEqual([]);
    expect(error?.code).toBe("bad-archive");
  },
);

it("X3 a hard link to what came before becomes a file of its own", async () => {
  const bytes = tar(tarEntry("file", "content"), tarLink("copy", "file", "1"));
  const { error, result, tree } = await unpackBytes(bytes, { links: "inside" });
  expect(error).toBeNull();
  expect(tree).toEqual({ copy: "644 content", file: "644 content" });
  expect(result).toMatchObject({ fileCount: 2, totalBytes: 14 });
});

it("X5 copies that hard links ask for count as what they take", async () => {
  const links = Array.from({ length: 20 }, (_, index) => tarLink(`copy-${index}`, "file", "1"));
  const bytes = tar(tarEntry("file", "x".repeat(1000)), ...links);
  const limits = { totalBytes: 10_000 };
  const { error, breaches } = await unpackBytes(bytes, { links: "inside", limits });
  expect(breaches).toEqual([]);
  expect(error).toMatchObject({ code: "bad-archive", details: { entry: "copy-9" } });
});

const SKIPPED = [
  ["a character device", "3", "device"],
  ["a block device", "4", "device"],
  ["a pipe", "6", "fifo"],
] as const;

it.each(SKIPPED)("X9 %s is left out, and counted", async (_, type, kind) => {
  const bytes = tar(tarEntry("file", "1"), tarHeader({ name: "odd", type }));
  const { error, result, tree, breaches } = await unpackBytes(bytes);
  expect({ error, breaches, tree }).toEqual({ error: null, breaches: [], tree: { file: "644 1" } });
  expect(result?.skipped).toEqual({ [kind]: 1 });
});

const MODES = [
  [0o4755, "755"],
  [0o2755, "755"],
  [0o6777, "755"],
  [0o777, "755"],
  [0o666, "644"],
  [0o000, "600"],
  [0o1777, "755"],
] as const;

it.each(MODES)("X9 a file of mode %i gets no more than %s", async (mode, kept) => {
  const { tree } = await unpackBytes(tar(tarEntry("file", "1", { mode })));
  expect(tree).toEqual({ file: `${kept} 1` });
});

const TIMES = [
  ["before 1970", Buffer.from("ffffffffffffffffffffff00", "hex")],
  ["after all time", Buffer.from("80000000001fffffffffffff", "hex")],
] as const;

it.each(TIMES)("X9 a time %s is set to one that can be", async (_, field) => {
  const header = tarHeader({ name: "file", size: 1 });
  field.copy(header, 136);
  header.write("        ", 148, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  const { error, breaches } = await unpackBytes(tar(header, padded(Buffer.from("1"))));
  expect({ error, breaches }).toEqual({ error: null, breaches: [] });
});

/** Archives that programs read in different ways, or that are damaged. */
const DESYNCED: readonly (readonly [string, () => Buffer])[] = [
  ["a negative size", () => tar(tarHeader({ name: "a", rawSize: Buffer.alloc(12, 0xff) }))],
  ["a size of 8 EiB", () => tar(tarHeader({ name: "a", rawSize: base256(2n ** 63n) }))],
  [
    "a size of more than all numbers",
    () => tar(tarHeader({ name: "a", rawSize: base256(2n ** 53n) })),
  ],
  [
    "a size that is no octal",
    () => tar(tarHeader({ name: "a", rawSize: Buffer.from("0000000009\0\0") })),
  ],
  [
    "a size with text in it",
    () => tar(tarHeader({ name: "a", rawSize: Buffer.from("00000000x01\0") })),
  ],
  ["a size larger than the rest", () => tar(tarEntry("a", "x", { size: 100_000 }))],
  ["a size smaller than the content", () => tar(tarEntry("a", "x".repeat(600), { size: 5 }))],
  ["a wrong checksum", () => tar(tarEntry("a", "1"), tarEntry("b", "2", { wrongBy: 1 }))],
  [
    "a PAX size over the content",
    () => tar(paxHeader([paxRecord("size", "5000")]), tarEntry("a", "1")),
  ],
  [
    "a PAX size under the content",
    () => tar(paxHeader([paxRecord("size", "0")]), tarEntry("a", "x".repeat(512))),
  ],
  ["a negative PAX size", () => tar(paxHeader([paxRecord("size", "-512")]), tarEntry("a", "1"))],
  [
    "a PAX size that is no number",
    () => tar(paxHeader([paxRecord("size", "0x10")]), tarEntry("a", "1")),
  ],
  [
    "a PAX size with a fraction",
    () => tar(paxHeader([paxRecord("size", "1.5")]), tarEntry("a", "1")),
  ],
  ["a PAX size of a folder", () => tar(paxHeader([paxRecord("size", "512")]), tarFolder("a/"))],
  [
    "a PAX path twice",
    () => tar(paxHeader([paxRecord("path", "a"), paxRecord("path", "b")]), tarEntry("c", "1")),
  ],
  ["a PAX path with a zero", () => tar(paxHeader([paxRecord("path", "a\0b")]), tarEntry("c", "1"))],
  [
    "a PAX path that is no UTF-8",
    () => tar(paxHeader([paxRecord("path", Buffer.of(0xff))]), tarEntry("c", "1")),
  ],
  [
    "two PAX headers that name it",
    () =>
      tar(
        paxHeader([paxRecord("path", "a")]),
        paxHeader([paxRecord("path", "b")]),
        tarEntry("c", "1"),
      ),
  ],
  [
    "a PAX path and a long name",
    () =>
      tar(
        paxHeader([paxRecord("path", "a")]),
        tarMeta(Buffer.from("b\0"), "L"),
        tarEntry("c", "1"),
      ),
  ],
  [
    "a PAX record of wrong length",
    () => tar(paxHeader([Buffer.from("99 path=a\n")]), tarEntry("c", "1")),
  ],
  [
    "a PAX record without an end",
    () => tar(paxHeader([Buffer.from("9 path=ab")]), tarEntry("c", "1")),
  ],
  [
    "a PAX record of length 0",
    () => tar(paxHeader([Buffer.from("0 path=a\n")]), tarEntry("c", "1")),
  ],
  ["an empty PAX header", () => tar(tarMeta(Buffer.alloc(0), "x"), tarEntry("c", "1"))],
  [
    "a global PAX path",
    () => tar(paxHeader([paxRecord("path", "../evil")], "g"), tarEntry("c", "1")),
  ],
  ["a global PAX size", () => tar(paxHeader([paxRecord("size", "512")], "g"), tarEntry("c", "1"))],
  [
    "a global PAX target",
    () => tar(paxHeader([paxRecord("linkpath", "/etc")], "g"), tarLink("c", "d")),
  ],
  ["PAX attributes of nothing", () => tar(tarEntry("a", "1"), paxHeader([paxRecord("path", "b")]))],
  ["a long name of nothing", () => tar(tarEntry("a", "1"), tarMeta(Buffer.from("b\0"), "L"))],
  [
    "a long name with something after it",
    () => tar(tarMeta(Buffer.from("b\0../evil"), "L"), tarEntry("a", "1")),
  ],
  [
    "a long name that is no UTF-8",
    () => tar(tarMeta(Buffer.of(0xff, 0xfe, 0), "L"), tarEntry("a", "1")),
  ],
  [
    "a long name of 1 GB",
    () => tar(tarMeta(Buffer.from("b\0"), "L", { size: 2 ** 30 }), tarEntry("a", "1")),
  ],
  [
    "a PAX header of 2 MiB",
    () => tar(paxHeader([paxRecord("comment", "x".repeat(2 ** 21))]), tarEntry("a", "1")),
  ],
  [
    "a hundred headers about one entry",
    () =>
      tar(
        ...Array.from({ length: 100 }, () => paxHeader([paxRecord("comment", "x")])),
        tarEntry("a", "1"),
      ),
  ],
  [
    "a folder with content",
    () =>
      tar(Buffer.concat([tarHeader({ name: "d/", type: "5", size: 512 }), tarEntry("hidden", "")])),
  ],
  [
    "a folder by its name with content",
    () => tar(Buffer.concat([tarHeader({ name: "d/", size: 512 }), tarEntry("hidden", "")])),
  ],
  [
    "a folder by its PAX name with content",
    () => tar(paxHeader([paxRecord("path", "d/")]), tarEntry("d", "1")),
  ],
  [
    "a link with content",
    () =>
      tar(
        Buffer.concat([
          tarHeader({ name: "l", type: "2", target: "x", size: 512 }),
          tarEntry("hidden", ""),
        ]),
      ),
  ],
  [
    "a hard link with content",
    () =>
      tar(
        Buffer.concat([
          tarHeader({ name: "l", type: "1", target: "x", size: 512 }),
          tarEntry("hidden", ""),
        ]),
      ),
  ],
  [
    "a device with content",
    () =>
      tar(Buffer.concat([tarHeader({ name: "l", type: "3", size: 512 }), tarEntry("hidden", "")])),
  ],
  ["a file that is a link as well", () => tar(tarHeader({ name: "f", target: "../x" }))],
  ["a link to nothing", () => tar(tarLink("l", ""))],
  [
    "one zero block between entries",
    () => tar(tarEntry("a", "1"), Buffer.alloc(512), tarEntry("b", "2")),
  ],
  [
    "something between the headers",
    () => tar(tarEntry("a", "1"), Buffer.alloc(512, "x"), tarEntry("b", "2")),
  ],
  ["no mark of its end", () => tarEntry("a", "1")],
  [
    "half of a header at its end",
    () => Buffer.concat([tarEntry("a", "1"), TAR_END.subarray(0, 300)]),
  ],
];

it.each(DESYNCED)("X7 what can be read in two ways is refused: %s", async (_, make) => {
  const { error, breaches } = await unpackBytes(make(), { links: "inside" });
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

const UNKNOWN: readonly (readonly [string, () => Buffer])[] = [
  ["holes of old GNU tar", () => tar(tarEntry("a", "1", { type: "S" }))],
  ["holes by PAX", () => tar(paxHeader([paxRecord("GNU.sparse.major", "1")]), tarEntry("a", "1"))],
  ["another volume's rest", () => tar(tarEntry("a", "1", { type: "M" }))],
  ["a folder of an incremental backup", () => tar(tarEntry("a/", "Yb\0", { type: "D" }))],
  ["an unknown type", () => tar(tarEntry("a", "1", { type: "Z" }))],
];

it.each(UNKNOWN)("X13 what is not unpacked is said and not left out: %s", async (_, make) => {
  const { error, breaches } = await unpackBytes(make());
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("unsupported");
});

it("X7 a size that only PAX gives is right, as for files over 8 GiB", async () => {
  const body = "x".repeat(700);
  const file = Buffer.concat([tarHeader({ name: "a", size: 0 }), padded(Buffer.from(body))]);
  const { error, entries } = await unpackBytes(tar(paxHeader([paxRecord("size", "700")]), file));
  expect(error).toBeNull();
  expect(entries).toMatchObject([{ kind: "file", path: "a", sizeBytes: 700 }]);
});

it("X7 a size in base 256, old headers and labels are read", async () => {
  const label = tarHeader({ name: "backup 1", type: "V", magic: "gnu" });
  const big = tarEntry("big", "12", { rawSize: base256(2n), magic: "gnu" });
  const old = tarEntry("old", "3", { magic: "v7", type: "\0" });
  const oldFolder = tarEntry("dir/", "", { magic: "v7", type: "\0" });
  const { error, tree, result } = await unpackBytes(tar(label, big, old, oldFolder));
  expect(error).toBeNull();
  expect(tree).toEqual({ big: "644 12", dir: "folder", old: "644 3" });
  expect(result?.skipped).toEqual({ label: 1 });
});
