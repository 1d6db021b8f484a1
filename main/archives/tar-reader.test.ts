import { describe, expect, it } from "vitest";
import type { EntryHead } from "./entry-sink.ts";
import { paxHeader, paxRecord, tar, tarEntry, tarFolder, tarMeta } from "./tar-fixtures.ts";
import { TarReader } from "./tar-reader.ts";
import { DEFAULT_LIMITS } from "./unpack-order.ts";

const ARCHIVE = tar(
  tarFolder("d/"),
  tarEntry("d/a", "a".repeat(800)),
  tarEntry("empty"),
  paxHeader([paxRecord("path", `long/${"ü".repeat(90)}`)]),
  tarEntry("short", "b".repeat(512)),
  tarMeta(Buffer.from(`gnu/${"n".repeat(600)}\0`), "L"),
  tarEntry("other", "c"),
);

/** Keeps what it is given, and is full whenever it is asked to be. */
class Notes {
  readonly lines: string[] = [];
  isFull = false;
  #content: Buffer[] = [];

  begin({ kind, name }: EntryHead): void {
    this.lines.push(`${kind} ${name}`);
  }
  data(chunk: Buffer): void {
    this.#content.push(Buffer.from(chunk));
  }
  end(): void {
    this.lines.push(Buffer.concat(this.#content.splice(0)).toString());
  }
  async room(): Promise<void> {
    this.isFull = false;
  }
}

const EXPECTED = [
  "folder d/",
  "file d/a",
  "a".repeat(800),
  "file empty",
  "",
  `file long/${"ü".repeat(90)}`,
  "b".repeat(512),
  `file gnu/${"n".repeat(600)}`,
  "c",
];

function read(chunkBytes: number): readonly string[] {
  const notes = new Notes();
  const warnings: string[] = [];
  const reader = new TarReader(notes, DEFAULT_LIMITS, (warning) => warnings.push(warning));
  for (let at = 0; at < ARCHIVE.length; at += chunkBytes) {
    reader.feed(ARCHIVE.subarray(at, at + chunkBytes));
  }
  reader.end();
  expect(warnings).toEqual([]);
  return notes.lines;
}

describe("reading a tar as it comes", () => {
  it("gives the same in chunks of any length", () => {
    for (let chunkBytes = 1; chunkBytes <= 1100; chunkBytes += 1) {
      expect(read(chunkBytes)).toEqual(EXPECTED);
    }
    expect(read(ARCHIVE.length)).toEqual(EXPECTED);
  });

  it("takes no next entry while the sink is full, and goes on where it stopped", () => {
    const notes = new Notes();
    const reader = new TarReader(notes, DEFAULT_LIMITS, () => undefined);
    notes.isFull = true;
    expect(reader.feed(ARCHIVE)).toBe(0);
    notes.isFull = false;
    const takenBytes = reader.feed(ARCHIVE.subarray(0, 600));
    notes.isFull = true;
    expect(reader.feed(ARCHIVE.subarray(takenBytes))).toBe(0);
    expect(notes.lines).toEqual(EXPECTED.slice(0, 1));
    notes.isFull = false;
    expect(reader.feed(ARCHIVE.subarray(takenBytes))).toBe(ARCHIVE.length - takenBytes);
    expect(notes.lines).toEqual(EXPECTED);
  });
});
