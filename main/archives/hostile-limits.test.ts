import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, it } from "vitest";
import { tar, tarEntry, tarFolder } from "./tar-fixtures.ts";
import { unpackBytes } from "./unpack-rig.ts";
import type { UnpackLimits } from "./unpack-order.ts";
import { zip } from "./zip-fixtures.ts";

type Entry = readonly [name: string, content: string];

/** The same entries in each format. */
const FORMATS: readonly (readonly [string, (entries: readonly Entry[]) => Buffer])[] = [
  ["tar", toTar],
  ["tar.gz", (entries) => gzipSync(toTar(entries))],
  ["tar.zst", (entries) => zstdCompressSync(toTar(entries))],
  ["zip", (entries) => zip(entries.map(([name, content]) => ({ name, content })))],
];

function toTar(entries: readonly Entry[]): Buffer {
  return tar(
    ...entries.map(([name, content]) =>
      name.endsWith("/") ? tarFolder(name) : tarEntry(name, content),
    ),
  );
}

const deep = (count: number) => `${"d/".repeat(count - 1)}f`;

type Over = readonly [string, Partial<UnpackLimits>, readonly Entry[]];
const OVER: readonly Over[] = [
  [
    "bytes in all",
    { totalBytes: 999 },
    [
      ["a", "x".repeat(500)],
      ["b", "x".repeat(500)],
    ],
  ],
  ["bytes in one", { totalBytes: 999 }, [["a", "x".repeat(1000)]]],
  [
    "entries",
    { entries: 2 },
    [
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
    ],
  ],
  [
    "entries, of which all are folders",
    { entries: 2 },
    [
      ["a/", ""],
      ["b/", ""],
      ["c/", ""],
    ],
  ],
  ["folders in folders", { depth: 10 }, [[deep(11), "1"]]],
  ["bytes in a name", { nameBytes: 50 }, [["x".repeat(51), "1"]]],
];

const CASES = FORMATS.flatMap(([format, make]) =>
  OVER.map(([what, limits, entries]) => ({ format, what, limits, bytes: make(entries) })),
);

it.each(CASES)("X5 a $format with too many $what is refused", async ({ bytes, limits }) => {
  const { error, breaches } = await unpackBytes(bytes, { limits });
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

const FITTING = FORMATS.flatMap(([format, make]) => [
  { format, what: "bytes", limits: { totalBytes: 1000 }, bytes: make([["a", "x".repeat(1000)]]) },
  {
    format,
    what: "entries",
    limits: { entries: 2 },
    bytes: make([
      ["a", "1"],
      ["b/", ""],
    ]),
  },
  { format, what: "folders in folders", limits: { depth: 10 }, bytes: make([[deep(10), "1"]]) },
  {
    format,
    what: "bytes in a name",
    limits: { nameBytes: 50 },
    bytes: make([["x".repeat(50), "1"]]),
  },
  { format, what: "nothing", limits: {}, bytes: make([]) },
]);

it.each(FITTING)(
  "X5 a $format with just as many $what is unpacked",
  async ({ format, bytes, limits }) => {
    const { error, result, breaches } = await unpackBytes(bytes, {
      limits,
      archiveName: "archive.tar",
    });
    expect({ error, breaches }).toEqual({ error: null, breaches: [] });
    expect(result?.format).toBe(format);
  },
);

it("X5 one small file of zeros is no bomb", async () => {
  const bytes = gzipSync(toTar([["zeros", "\0".repeat(1_000_000)]]));
  expect((await unpackBytes(bytes)).error).toBeNull();
});

it("X5 a zip of zeros is refused by what it says before anything is written", async () => {
  const content = Buffer.alloc(70 * 2 ** 20);
  const { error, breaches } = await unpackBytes(zip([{ name: "zeros", content }]), {
    limits: { ratio: 500 },
  });
  expect(breaches).toEqual([]);
  expect(error).toMatchObject({ code: "bad-archive", details: { entry: "zeros" } });
});

it("X14 an archive larger than the room on the disk is refused ahead", async () => {
  const listed = { size: 2 ** 31, compressed: 2 ** 31 };
  const huge = Array.from({ length: 2000 }, (_, at) => ({
    name: `f${at}`,
    method: 0,
    listed,
    local: listed,
  }));
  // Its content is not there at all, but the sum is known before that shows.
  const { error, breaches } = await unpackBytes(zip(huge));
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("disk-full");
});

it("X14 a tar entry larger than the room on the disk is refused at its header", async () => {
  const bytes = tar(
    tarEntry("small", "1"),
    tarEntry("huge", "", { rawSize: sizeField(2n ** 50n) }),
  );
  const { error, breaches } = await unpackBytes(bytes);
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("disk-full");
});

function sizeField(size: bigint): Buffer {
  const field = Buffer.alloc(12);
  field.writeBigUInt64BE(size, 4);
  field[0] = 0x80;
  return field;
}
