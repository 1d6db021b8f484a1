import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, it } from "vitest";
import { tar, tarEntry, tarFolder } from "./tar-fixtures.ts";
import { unpackBytes } from "./unpack-rig.ts";
import { zip } from "./zip-fixtures.ts";

const MiB = 2 ** 20;
/** Does not shrink to nothing, and is the same each time. */
const NOISE = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * at * 31 + at * 7) % 251));
const TAR = tar(tarFolder("d/"), tarEntry("d/noise", NOISE.toString("latin1")), tarEntry("b", "b"));

const PACKERS = [
  ["gz", gzipSync],
  ["zst", zstdCompressSync],
] as const;
const PERCENTS = Array.from({ length: 100 }, (_, percent) => percent);

it.each(PACKERS)("X11 a tar.%s cut off at each hundredth is refused", async (_, pack) => {
  const bytes = pack(TAR);
  for (const percent of PERCENTS) {
    const cut = bytes.subarray(0, Math.floor((bytes.length * percent) / 100));
    const { error, breaches } = await unpackBytes(cut, { archiveName: "a.tar.gz" });
    expect(breaches).toEqual([]);
    expect(error?.code).toMatch(/bad-archive|unsupported/u);
  }
});

it("X11 a tar cut off at each hundredth is refused", async () => {
  for (const percent of PERCENTS) {
    const cut = TAR.subarray(0, Math.floor(((TAR.length - 1024) * percent) / 100));
    const { error, breaches } = await unpackBytes(cut);
    expect(breaches).toEqual([]);
    expect(error?.code).toMatch(/bad-archive|unsupported/u);
  }
});

it("X11 a zip cut off at each hundredth is refused", async () => {
  const bytes = zip([
    { name: "noise", content: NOISE },
    { name: "b", content: "b" },
  ]);
  for (const percent of PERCENTS) {
    const cut = bytes.subarray(0, Math.floor((bytes.length * percent) / 100));
    const { error, breaches } = await unpackBytes(cut);
    expect(breaches).toEqual([]);
    expect(error?.code).toMatch(/bad-archive|unsupported/u);
  }
});

it.each(PACKERS)("X11 a single %s cut off at each hundredth is refused", async (_, pack) => {
  const bytes = pack(NOISE);
  for (const percent of PERCENTS) {
    const { error, breaches } = await unpackBytes(
      bytes.subarray(0, Math.floor((bytes.length * percent) / 100)),
    );
    expect(breaches).toEqual([]);
    expect(error?.code).toMatch(/bad-archive|unsupported/u);
  }
});

it.each(PACKERS)("X11 members of %s one after the other are one", async (_, pack) => {
  for (const at of [1, 511, 512, 700, TAR.length - 1]) {
    const bytes = Buffer.concat([pack(TAR.subarray(0, at)), pack(TAR.subarray(at))]);
    const { error, tree } = await unpackBytes(bytes);
    expect(error).toBeNull();
    expect(Object.keys(tree ?? {})).toEqual(["b", "d", "d/noise"]);
  }
});

it("X11 ten thousand members are read", async () => {
  const members = Array.from({ length: 10_000 }, (_, at) => gzipSync(Buffer.of(at % 256)));
  const { error, entries } = await unpackBytes(Buffer.concat(members), { archiveName: "many.gz" });
  expect(error).toBeNull();
  expect(entries).toMatchObject([{ path: "many", sizeBytes: 10_000 }]);
});

it.each(PACKERS)("X11 the second member of %s cut off is refused", async (_, pack) => {
  const second = pack(NOISE);
  for (const length of [1, 2, 3, 4, 8, 12, second.length - 1]) {
    const bytes = Buffer.concat([pack(TAR), second.subarray(0, length)]);
    const { error, breaches } = await unpackBytes(bytes);
    expect(breaches).toEqual([]);
    expect(error?.code).toBe("bad-archive");
  }
});

const GARBAGE = [Buffer.from("garbage"), Buffer.alloc(10_000), Buffer.of(0)] as const;

it.each(PACKERS)("X11 what follows after the end of %s is told of", async (_, pack) => {
  for (const garbage of GARBAGE) {
    const { error, result } = await unpackBytes(Buffer.concat([pack(TAR), garbage]));
    expect(error).toBeNull();
    expect(result?.warnings).toHaveLength(1);
  }
});

it("X11 what follows after the end of a tar is told of, but for zeros", async () => {
  const zeros = await unpackBytes(Buffer.concat([TAR, Buffer.alloc(10_240)]));
  expect(zeros.result?.warnings).toEqual([]);
  const garbage = await unpackBytes(Buffer.concat([TAR, Buffer.from("garbage")]));
  expect(garbage.error).toBeNull();
  expect(garbage.result?.warnings).toHaveLength(1);
});

it.each([
  ["half", TAR.subarray(0, -512), 1],
  ["all", TAR, 0],
] as const)("X11 a tar with %s of its end is read", async (_, bytes, warnings) => {
  const { error, result } = await unpackBytes(bytes);
  expect(error).toBeNull();
  expect(result?.warnings).toHaveLength(warnings);
});

it("X11 damage anywhere in a compressed archive is found", async () => {
  for (const pack of [gzipSync, (bytes: Buffer) => zstdCompressSync(bytes, CHECKED)]) {
    const whole = pack(TAR);
    for (let at = 20; at < whole.length; at += Math.ceil(whole.length / 150)) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      const { error, breaches } = await unpackBytes(bytes);
      expect(breaches).toEqual([]);
      expect(error?.code).toBe("bad-archive");
    }
  }
});
const CHECKED = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

/** A header of gzip with the given flags, before what `gzipSync` made. */
function withGzipHeader(flags: number, fields: Buffer, content: Buffer): Buffer {
  const packed = gzipSync(content);
  const head = Buffer.from(packed.subarray(0, 10));
  head[3] = flags;
  return Buffer.concat([head, fields, packed.subarray(10)]);
}

it("X1 the name in the header of a gzip counts for nothing", async () => {
  const bytes = withGzipHeader(0x08, Buffer.from("../../evil.txt\0"), Buffer.from("x"));
  const { error, tree, breaches } = await unpackBytes(bytes, { archiveName: "note.txt.gz" });
  expect({ error, breaches, tree }).toEqual({
    error: null,
    breaches: [],
    tree: { "note.txt": "644 x" },
  });
});

it("X11 all fields of the header of a gzip are passed over", async () => {
  const fields = Buffer.concat([Buffer.of(3, 0, 1, 2, 3), Buffer.from("n\0c\0"), Buffer.of(9, 9)]);
  const { error, tree } = await unpackBytes(withGzipHeader(0x1e, fields, Buffer.from("x")), {
    archiveName: "a.gz",
  });
  expect(error).toBeNull();
  expect(tree).toEqual({ a: "644 x" });
});

it.each([
  ["a reserved flag", withGzipHeader(0x80, Buffer.alloc(0), NOISE)],
  ["a name without an end", withGzipHeader(0x08, Buffer.alloc(200_000, "x"), Buffer.alloc(0))],
  ["another method", Buffer.concat([gzipSync("x"), Buffer.of(0x1f, 0x8b, 7), Buffer.alloc(20)])],
])("X11 a gzip with %s is refused", async (_, bytes) => {
  const { error, breaches } = await unpackBytes(bytes);
  expect(breaches).toEqual([]);
  expect(error?.code).toBe("bad-archive");
});

const SKIPPABLE = Buffer.concat([Buffer.from("5a2a4d1804000000", "hex"), Buffer.from("skip")]);

it("X10 frames of zstd that hold nothing are passed over", async () => {
  const bytes = Buffer.concat([SKIPPABLE, zstdCompressSync(TAR), SKIPPABLE]);
  const { error, tree } = await unpackBytes(bytes);
  expect(error).toBeNull();
  expect(Object.keys(tree ?? {})).toEqual(["b", "d", "d/noise"]);
});

const BAD_FRAMES = [
  // Magic, descriptor, window of 1 GiB and more, then an empty last block.
  ["a window of 1 GiB", Buffer.from("28b52ffd00a0010000", "hex")],
  ["a window of 3.75 TiB", Buffer.from("28b52ffd00ff010000", "hex")],
  ["a dictionary", Buffer.from("28b52ffd215501010000", "hex")],
  ["a reserved bit", Buffer.from("28b52ffd0848010000", "hex")],
  ["a block of a reserved kind", Buffer.from("28b52ffd0058070000", "hex")],
  ["half of a frame to pass over", SKIPPABLE.subarray(0, 10)],
  ["a legacy frame", Buffer.concat([zstdCompressSync(TAR), Buffer.from("27b52ffd", "hex")])],
] as const;

it.each(BAD_FRAMES)("X10 a zstd with %s is refused, or told of", async (_, bytes) => {
  const { error, result, breaches } = await unpackBytes(bytes);
  expect(breaches).toEqual([]);
  if (error === null) expect(result?.warnings).toHaveLength(1);
  else expect(error.code).toBe("bad-archive");
});

it.each(PACKERS)("X5 zeros in a %s are refused once they grow a thousandfold", async (_, pack) => {
  const bytes = pack(Buffer.alloc(200 * MiB));
  const limits = { ratio: 100 };
  const { error, breaches } = await unpackBytes(bytes, { limits });
  expect(breaches).toEqual([]);
  expect(error).toMatchObject({
    code: "bad-archive",
    message: expect.stringContaining("100 times"),
  });
});

it("X5 zeros in a tar.gz are refused, wherever they are", async () => {
  const end = gzipSync(Buffer.concat([TAR, Buffer.alloc(200 * MiB)]));
  const { error } = await unpackBytes(end, { limits: { ratio: 100 } });
  expect(error?.code).toBe("bad-archive");
});

it("X5 what is packed in what was packed stays packed", async () => {
  const inner = gzipSync(Buffer.alloc(MiB));
  const { tree } = await unpackBytes(zip([{ name: "inner.gz", content: inner }]));
  expect(Object.keys(tree ?? {})).toEqual(["inner.gz"]);
});
