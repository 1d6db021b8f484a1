import { deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import {
  paxHeader,
  paxRecord,
  tar,
  tarEntry,
  tarFolder,
  tarLink,
  tarMeta,
} from "#main/archives/tar-fixtures.ts";
import { zip, zip64Extra } from "#main/archives/zip-fixtures.ts";

/** Archives that have everything in them that the readers know, so that changes reach all of it. */
export function goodArchives(): readonly Buffer[] {
  const tars = [
    tar(
      tarFolder("d/"),
      tarEntry("d/a.txt", "content"),
      tarEntry("b", "x".repeat(1500)),
      tarLink("l", "b"),
    ),
    tar(
      paxHeader([paxRecord("path", `long/${"n".repeat(150)}`), paxRecord("mtime", "1700000000.5")]),
      tarEntry("short", "text"),
      tarMeta(Buffer.from(`gnu/${"m".repeat(120)}\0`), "L"),
      tarEntry("other", "text"),
      paxHeader([paxRecord("comment", "all")], "g"),
      tarEntry("old", "1", { magic: "v7" }),
      tarLink("copy", "other", "1"),
    ),
    tar(paxHeader([paxRecord("size", "700")]), tarEntry("sized", "y".repeat(700), { size: 0 })),
  ];
  const zips = [
    zip([
      { name: "d/", content: "" },
      { name: "d/a.txt", content: "content ".repeat(50) },
      { name: "stored", method: 0, content: "stored" },
      { name: "later", content: "later", descriptor: {} },
      { name: "link", mode: 0o120777, content: "stored" },
    ]),
    zip(
      [
        {
          name: "big",
          content: "z".repeat(3000),
          extra: zip64Extra(1),
          packed: deflateRawSync("z".repeat(3000)),
        },
      ],
      {
        end64: {},
        comment: Buffer.from("comment"),
      },
    ),
  ];
  const packed = tars.flatMap((bytes) => [
    gzipSync(bytes),
    zstdCompressSync(bytes),
    Buffer.concat([gzipSync(bytes.subarray(0, 600)), gzipSync(bytes.subarray(600))]),
  ]);
  return [
    ...tars,
    ...tars,
    ...zips,
    ...zips,
    ...packed,
    gzipSync("single"),
    zstdCompressSync("single"),
  ];
}
