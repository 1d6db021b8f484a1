import { crc32, deflateRawSync } from "node:zlib";

/** Builds zips byte by byte, the wrong ones too. */

type Numbers = { crc: number; compressed: number; size: number };

export type ZipFixture = {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** Already packed; `content` is what it is to become. */
  readonly packed?: Buffer;
  readonly method?: number;
  readonly flags?: number;
  /** `st_mode`. */
  readonly mode?: number;
  readonly madeBy?: number;
  readonly extra?: Buffer;
  readonly localExtra?: Buffer;
  /** What the header before the content, the list, and the descriptor after it say instead. */
  readonly local?: Partial<Numbers> & {
    readonly name?: string;
    readonly flags?: number;
    readonly method?: number;
  };
  readonly listed?: Partial<Numbers> & { readonly headerAt?: number };
  /** Written after the content; leaves the numbers before it empty. */
  readonly descriptor?: Partial<Numbers>;
};

type EndFields = {
  readonly entryCount?: number;
  readonly entryCountHere?: number;
  readonly disk?: number;
  readonly sizeBytes?: number;
  readonly startAt?: number;
  readonly comment?: Buffer;
  /** Between the list and the end. */
  readonly gap?: Buffer;
  readonly end64?: Partial<End64>;
};
type End64 = { entryCount: number; sizeBytes: number; startAt: number; disk: number };

const IS_UTF8 = 0x800;
const HAS_DESCRIPTOR = 0x08;

export function zip(entries: readonly ZipFixture[], end: EndFields = {}): Buffer {
  const parts: Buffer[] = [];
  const listed: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const made = makeEntry(entry, at);
    parts.push(made.bytes);
    listed.push(made.listed);
    at += made.bytes.length;
  }
  const list = Buffer.concat(listed);
  const facts = { entryCount: entries.length, sizeBytes: list.length, startAt: at };
  return Buffer.concat([...parts, list, end.gap ?? Buffer.alloc(0), zipEnd(facts, end)]);
}

function makeEntry(entry: ZipFixture, headerAt: number): { bytes: Buffer; listed: Buffer } {
  const content = Buffer.from(entry.content ?? "");
  const method = entry.method ?? 8;
  const packed = entry.packed ?? (method === 8 ? deflateRawSync(content) : content);
  const flags = (entry.flags ?? IS_UTF8) | (entry.descriptor === undefined ? 0 : HAS_DESCRIPTOR);
  const numbers = { crc: crc32(content), compressed: packed.length, size: content.length };
  const name = Buffer.from(entry.name);
  const facts = { ...numbers, flags, method, name, headerAt };
  const bytes = Buffer.concat([localHeader(entry, facts), packed, descriptorOf(entry, facts)]);
  return { bytes, listed: listEntry(entry, { ...facts, ...entry.listed }) };
}

function localHeader({ local, localExtra, descriptor }: ZipFixture, facts: Facts): Buffer {
  const empty = { crc: 0, compressed: 0, size: 0 };
  const said = { ...facts, ...(descriptor === undefined ? {} : empty), ...local };
  const name = Buffer.from(said.name);
  const extra = localExtra ?? Buffer.alloc(0);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(said.flags, 6);
  head.writeUInt16LE(said.method, 8);
  writeNumbers(head, 14, said);
  head.writeUInt16LE(name.length, 26);
  head.writeUInt16LE(extra.length, 28);
  return Buffer.concat([head, name, extra]);
}

function descriptorOf({ descriptor }: ZipFixture, facts: Facts): Buffer {
  if (descriptor === undefined) return Buffer.alloc(0);
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(0x08074b50, 0);
  writeNumbers(bytes, 4, { ...facts, ...descriptor });
  return bytes;
}

type Facts = Numbers & { flags: number; method: number; name: Buffer; headerAt: number };

function listEntry({ mode, madeBy, extra = Buffer.alloc(0) }: ZipFixture, facts: Facts): Buffer {
  const head = Buffer.alloc(46);
  head.writeUInt32LE(0x02014b50, 0);
  head.writeUInt16LE(madeBy ?? (3 << 8) | 20, 4);
  head.writeUInt16LE(20, 6);
  head.writeUInt16LE(facts.flags, 8);
  head.writeUInt16LE(facts.method, 10);
  head.writeUInt16LE(0x6000, 12);
  head.writeUInt16LE(0x5721, 14);
  writeNumbers(head, 16, facts);
  head.writeUInt16LE(facts.name.length, 28);
  head.writeUInt16LE(extra.length, 30);
  head.writeUInt32LE(((mode ?? 0o100644) << 16) >>> 0, 38);
  head.writeUInt32LE(facts.headerAt, 42);
  return Buffer.concat([head, facts.name, extra]);
}

function writeNumbers(buffer: Buffer, at: number, { crc, compressed, size }: Numbers): void {
  buffer.writeUInt32LE(crc, at);
  buffer.writeUInt32LE(compressed, at + 4);
  buffer.writeUInt32LE(size, at + 8);
}

function zipEnd(facts: Omit<End64, "disk">, fields: EndFields): Buffer {
  const comment = fields.comment ?? Buffer.alloc(0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(fields.disk ?? 0, 4);
  end.writeUInt16LE(fields.entryCountHere ?? fields.entryCount ?? facts.entryCount, 8);
  end.writeUInt16LE(fields.entryCount ?? facts.entryCount, 10);
  end.writeUInt32LE(fields.sizeBytes ?? facts.sizeBytes, 12);
  end.writeUInt32LE(fields.startAt ?? facts.startAt, 16);
  end.writeUInt16LE(comment.length, 20);
  const before = fields.end64 === undefined ? [] : zipEnd64({ disk: 0, ...facts }, fields.end64);
  return Buffer.concat([...before, end, comment]);
}

function zipEnd64(facts: End64, lies: Partial<End64>): Buffer[] {
  const { entryCount, sizeBytes, startAt, disk } = { ...facts, ...lies };
  const end = Buffer.alloc(56);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt32LE(disk, 16);
  for (const [index, value] of [entryCount, entryCount, sizeBytes, startAt].entries()) {
    end.writeBigUInt64LE(BigInt(value), 24 + index * 8);
  }
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(facts.startAt + facts.sizeBytes), 8);
  locator.writeUInt32LE(1, 16);
  return [end, locator];
}

/** A field of eight-byte numbers for an entry. */
export function zip64Extra(...numbers: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + numbers.length * 8);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(numbers.length * 8, 2);
  for (const [index, value] of numbers.entries())
    field.writeBigUInt64LE(BigInt(value), 4 + index * 8);
  return field;
}
