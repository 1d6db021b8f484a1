import { deflateRawSync } from "node:zlib";
import { expect, it } from "vitest";
import { unpackBytes } from "./unpack-rig.ts";
import type { ZipFixture } from "./zip-fixtures.ts";
import { zip, zip64Extra } from "./zip-fixtures.ts";

const A: ZipFixture = { name: "a", content: "content of a" };
const STORED_A: ZipFixture = { ...A, method: 0 };
const ZEROS = deflateRawSync(Buffer.alloc(100_000));

/** By row of the catalogue. */
type Row = readonly (readonly [string, () => Buffer])[];

const SIZES: Row = [
  ["says less than comes out", () => zip([{ ...A, listed: { size: 3 }, local: { size: 3 } }])],
  ["says more than comes out", () => zip([{ ...A, listed: { size: 30 }, local: { size: 30 } }])],
  [
    "says less, and much comes out",
    () => zip([{ name: "z", packed: ZEROS, listed: { size: 10 }, local: { size: 10 } }]),
  ],
  [
    "is stored with two sizes",
    () => zip([{ ...STORED_A, listed: { size: 5 }, local: { size: 5 } }]),
  ],
  [
    "has something after its content",
    () =>
      zip([
        { ...A, packed: Buffer.concat([deflateRawSync("content of a"), Buffer.from("smuggled")]) },
      ]),
  ],
  ["is cut off", () => zip([{ ...A, packed: deflateRawSync("content of a").subarray(0, -3) }])],
  ["is no deflate", () => zip([{ ...A, packed: Buffer.from("no deflate at all") }])],
  ["has a wrong checksum", () => zip([{ ...A, listed: { crc: 1 }, local: { crc: 1 } }])],
  [
    "is stored with a wrong checksum",
    () => zip([{ ...STORED_A, listed: { crc: 1 }, local: { crc: 1 } }]),
  ],
  [
    "is empty and has a checksum",
    () => zip([{ name: "a", method: 0, listed: { crc: 1 }, local: { crc: 1 } }]),
  ],
];

it.each(SIZES)("X6 an entry that is not as it says is refused: %s", async (_, make) => {
  await expectRefused(make());
});

it("X6 large content that is not as it says is refused while it is read", async () => {
  const content = Buffer.alloc(5_000_000, "abc");
  const packed = deflateRawSync(content);
  const lies: readonly Partial<ZipFixture>[] = [
    { listed: { size: 4_000_000 }, local: { size: 4_000_000 } },
    { listed: { size: 6_000_000 }, local: { size: 6_000_000 } },
    { listed: { crc: 7 }, local: { crc: 7 } },
    { packed: Buffer.concat([packed, Buffer.from("smuggled")]) },
    { packed: packed.subarray(0, -10) },
  ];
  for (const lie of lies) await expectRefused(zip([{ name: "large", content, ...lie }]));
  const { error, entries } = await unpackBytes(zip([{ name: "large", content }]));
  expect(error).toBeNull();
  expect(entries).toMatchObject([{ path: "large", sizeBytes: 5_000_000 }]);
});

const TWO_WAYS: Row = [
  ["another name", () => zip([{ ...A, local: { name: "b" } }])],
  ["another name of other length", () => zip([{ ...A, local: { name: "../evil" } }])],
  ["another method", () => zip([{ ...A, local: { method: 0 } }])],
  ["other flags", () => zip([{ ...A, local: { flags: 0 } }])],
  ["an encrypted local header", () => zip([{ ...A, local: { flags: 0x801 } }])],
  ["another checksum", () => zip([{ ...A, local: { crc: 1 } }])],
  ["another size", () => zip([{ ...A, local: { size: 1 } }])],
  ["another packed size", () => zip([{ ...A, local: { compressed: 1 } }])],
  ["a descriptor with another checksum", () => zip([{ ...A, descriptor: { crc: 1 } }])],
  ["a descriptor with another size", () => zip([{ ...A, descriptor: { size: 1 } }])],
  ["a descriptor with another packed size", () => zip([{ ...A, descriptor: { compressed: 1 } }])],
  [
    "a local header elsewhere",
    () => zip([A, { name: "b", content: "b", listed: { headerAt: 3 } }]),
  ],
  ["a local header outside of the file", () => zip([{ ...A, listed: { headerAt: 2 ** 31 } }])],
  [
    "eight-byte sizes that differ",
    () =>
      zip([
        {
          ...A,
          listed: { size: 0xff_ff_ff_ff },
          local: { size: 0xff_ff_ff_ff },
          extra: zip64Extra(12),
          localExtra: zip64Extra(13),
        },
      ]),
  ],
  ["eight-byte sizes that are not there", () => zip([{ ...A, local: { size: 0xff_ff_ff_ff } }])],
];

it.each(TWO_WAYS)("X8 an entry described in two ways is refused: %s", async (_, make) => {
  await expectRefused(make());
});

const BOMBS: Row = [
  ["two entries of one content", () => zip([A, { ...A, name: "b", listed: { headerAt: 0 } }])],
  ["an entry in another's content", () => nested()],
  ["an entry over the list", () => overList()],
];

/** The second entry's header lies in the content of the first, as in the bombs of Fifield. */
function nested(): Buffer {
  const inner = zip([{ name: "b", content: "b", method: 0 }]);
  const header = inner.subarray(0, 32);
  const headerAt = 30 + 1;
  return zip([
    { name: "a", method: 0, content: header },
    { name: "b", method: 0, content: "b", listed: { headerAt } },
  ]);
}

function overList(): Buffer {
  const size = 12 + 20;
  return zip([
    { ...STORED_A, local: { size, compressed: size }, listed: { size, compressed: size } },
  ]);
}

it.each(BOMBS)("X5 entries that share bytes are refused: %s", async (_, make) => {
  await expectRefused(make());
});

const LISTS: Row = [
  ["more entries than it says", () => zip([A, { name: "b" }], { entryCount: 1 })],
  ["fewer entries than it says", () => zip([A], { entryCount: 2 })],
  ["65,535 entries that are not there", () => zip([A], { entryCount: 0xff_ff })],
  ["a list that is longer", () => zip([A], { sizeBytes: 200 })],
  ["a list that is shorter", () => zip([A], { sizeBytes: 10 })],
  ["a list elsewhere", () => zip([A], { startAt: 3 })],
  ["a list outside of the file", () => zip([A], { startAt: 2 ** 31 })],
  ["something after the list", () => zip([A], { gap: Buffer.from("hidden") })],
  ["two ends, of which one is a comment", () => zip([A], { comment: zip([]) })],
  [
    "an end in a comment of full length",
    () => zip([A], { comment: Buffer.concat([Buffer.alloc(65_513), zip([])]) }),
  ],
  ["something after its end", () => Buffer.concat([zip([A]), Buffer.from("garbage")])],
  ["no end", () => zip([A]).subarray(0, -22)],
  ["half of an end", () => zip([A]).subarray(0, -10)],
  ["eight-byte numbers that differ", () => zip([A], { end64: { entryCount: 3 } })],
  ["eight-byte numbers that point elsewhere", () => zip([A], { end64: { startAt: 1 } })],
  [
    "eight-byte numbers beyond all numbers",
    () => zip([A], { startAt: 0xff_ff_ff_ff, end64: { startAt: Number.MAX_SAFE_INTEGER + 1 } }),
  ],
  ["an extra field that is too long", () => zip([{ ...A, extra: Buffer.from([1, 0, 99, 0]) }])],
  ["sizes of eight bytes that are missing", () => zip([{ ...A, listed: { size: 0xff_ff_ff_ff } }])],
];

it.each(LISTS)("X8 a list that is not what it says is refused: %s", async (_, make) => {
  await expectRefused(make());
});

const UNKNOWN: Row = [
  ["encryption", () => zip([{ ...A, flags: 0x801 }])],
  ["strong encryption", () => zip([{ ...A, flags: 0x841 }])],
  ["a hidden list", () => zip([{ ...A, flags: 0x2800 }])],
  ["bzip2", () => zip([{ ...A, method: 12 }])],
  ["zstd in a zip", () => zip([{ ...A, method: 93 }])],
  ["one of several volumes", () => zip([A], { disk: 1 })],
  [
    "one of several volumes by its start",
    () => Buffer.concat([Buffer.from("PK\u0007\u0008", "latin1"), zip([A])]),
  ],
  ["one of several volumes in eight bytes", () => zip([A], { end64: { disk: 2 } })],
];

it.each(UNKNOWN)("X13 what is not unpacked is said: %s", async (_, make) => {
  const { error, breaches } = await unpackBytes(make());
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("unsupported");
});

it("X13 names without a mark are those of the first PCs, with one UTF-8", async () => {
  const name = Buffer.from([0x82, 0x2e, 0x74]);
  const { error, tree } = await unpackBytes(
    zip([
      { name, flags: 0, content: "1" },
      { name: "ü", content: "2" },
    ]),
  );
  expect(error).toBeNull();
  expect(tree).toEqual({ "é.t": "644 1", ü: "644 2" });
});

it("X13 sizes of eight bytes are read", async () => {
  const ones = 0xff_ff_ff_ff;
  const entry = {
    ...STORED_A,
    listed: { size: ones, compressed: ones },
    local: { size: ones, compressed: ones },
  };
  const extra = zip64Extra(12, 12);
  const bytes = zip([{ ...entry, extra, localExtra: extra }], {
    entryCount: 0xff_ff,
    startAt: ones,
    end64: {},
  });
  const { error, tree } = await unpackBytes(bytes);
  expect(error).toBeNull();
  expect(tree).toEqual({ a: "644 content of a" });
});

it("X11 an entry of two lists is refused, and a comment of 65,535 bytes is none", async () => {
  const { error, tree } = await unpackBytes(zip([A], { comment: Buffer.alloc(0xff_ff, "x") }));
  expect(error).toBeNull();
  expect(tree).toEqual({ a: "644 content of a" });
});

const ODD = [
  ["a device", 0o020666, "device"],
  ["a block device", 0o060666, "device"],
  ["a pipe", 0o010666, "fifo"],
  ["a socket", 0o140666, "socket"],
  ["a link", 0o120777, "symlink"],
] as const;

it.each(ODD)("X9 %s is left out, and counted", async (_, mode, kind) => {
  const { error, result, tree } = await unpackBytes(
    zip([A, { name: "odd", mode, content: "/etc/passwd" }]),
  );
  expect(error).toBeNull();
  expect(tree).toEqual({ a: "644 content of a" });
  expect(result?.skipped).toEqual({ [kind]: 1 });
});

it("X9 permissions are cut down, and attributes of other systems are none", async () => {
  const { tree } = await unpackBytes(
    zip([
      { name: "setuid", mode: 0o104777, content: "1" },
      { name: "dos", mode: 0o104777, madeBy: 20, content: "2" },
    ]),
  );
  expect(tree).toEqual({ dos: "644 2", setuid: "755 1" });
});

const FOLDERS: Row = [
  ["with content", () => zip([{ name: "d/", content: "x" }])],
  ["by its mode and not its name", () => zip([{ name: "d", mode: 0o040755, content: "" }])],
  ["and a link as well", () => zip([{ name: "d/", mode: 0o120777, content: "/etc" }])],
];

it.each(FOLDERS)("X8 a folder %s is refused", async (_, make) => {
  const { error, breaches } = await unpackBytes(make(), { links: "inside" });
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

const TARGETS = ["/etc/passwd", "../canary.txt", "x".repeat(2 ** 20), "a\0b", ""] as const;

it.each(TARGETS)(
  "X2 a link of a zip that leads out is refused where links are asked for",
  async (target) => {
    const { error, breaches } = await unpackBytes(
      zip([
        { name: "link", mode: 0o120777, content: target },
        { name: "link/evil", content: "x" },
      ]),
      { links: "inside" },
    );
    expect(breaches).toEqual([]);
    expect(error?.code).toBe("bad-archive");
  },
);

it("X2 a link of a zip that stays inside is made", async () => {
  const link = { name: "d/link", mode: 0o120777, content: "../a" };
  const { error, tree } = await unpackBytes(zip([A, link]), { links: "inside" });
  expect(error).toBeNull();
  expect(tree).toMatchObject({ "d/link": "-> ../a" });
});

async function expectRefused(bytes: Buffer): Promise<void> {
  const { error, breaches } = await unpackBytes(bytes);
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
}
