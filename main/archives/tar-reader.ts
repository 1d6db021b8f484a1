import type { ReadEntry } from "tar";
import { Parser } from "tar";
import { badArchive, badEntry } from "./bad-archive.ts";
import type { EntryHead, EntrySink } from "./entry-sink.ts";
import type { PaxRecords } from "./pax-records.ts";
import { readPaxRecords } from "./pax-records.ts";
import type { MetaType, TarHeader } from "./tar-header.ts";
import { BLOCK_BYTES, isMeta, isZeroBlock, readTarHeader } from "./tar-header.ts";
import type { UnpackLimits } from "./unpack-order.ts";

/** Headers about other headers for each entry: usual are one or two. */
const MOST_METAS = 4;

/** A header that is an entry of its own. */
type EntryHeader = Omit<TarHeader, "type"> & { readonly kind: EntryHead["kind"] };

type Meta = { readonly type: MetaType; readonly sizeBytes: number; readonly blocks: Buffer[] };

/**
 * Reads a tar as it comes. node-tar parses, one header at a time, and every header is read strictly
 * beside it: where both do not agree, or where other programs would read it another way, the archive
 * is refused. Everything happens within `feed`.
 */
export class TarReader {
  readonly #sink: EntrySink;
  readonly #limits: UnpackLimits;
  readonly #warn: (warning: string) => void;
  readonly #parser = new Parser({ strict: false, maxDecompressionRatio: Infinity });
  /** Of a header that did not come in one piece. */
  #pending = Buffer.alloc(0);
  /** What node-tar made of the last header. */
  #parsed: ReadEntry | null = null;
  #trouble: string | null = null;
  #meta: Meta | null = null;
  #metaCount = 0;
  #records: PaxRecords = {};
  /** Of the body under way: all of it with its padding. */
  #bodyLeft = 0;
  /** Of a file's body: without its padding. */
  #contentLeft = 0;
  #isFileOpen = false;
  #zeroBlocks = 0;
  #isGarbageTold = false;

  constructor(sink: EntrySink, limits: UnpackLimits, warn: (warning: string) => void) {
    this.#sink = sink;
    this.#limits = limits;
    this.#warn = warn;
    this.#parser.on("warn", (_code, message) => {
      this.#trouble ??= String(message);
    });
    this.#parser.on("entry", (entry: ReadEntry) => {
      this.#parsed = entry;
      // It holds back what is less than a block; content is taken from the source itself.
      entry.resume();
    });
  }

  /**
   * Takes bytes until they are used up or the sink is full.
   *
   * @returns how many it took. @throws {LonghaulError} `bad-archive`, `unsupported`, and the sink's.
   */
  feed(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && !(this.#bodyLeft === 0 && this.#sink.isFull)) {
      if (this.#zeroBlocks >= 2) return this.#takeGarbage(chunk, at);
      at += this.#bodyLeft > 0 ? this.#takeBody(chunk, at) : this.#takeHeader(chunk, at);
    }
    return at;
  }

  /** @throws {LonghaulError} `bad-archive` where the end is missing. */
  end(): void {
    if (this.#bodyLeft > 0 || this.#pending.length > 0 || this.#hasRecords()) {
      throw badArchive("is cut off in the middle of an entry");
    }
    if (this.#zeroBlocks === 0) throw badArchive("is cut off: the mark of its end is missing");
    if (this.#zeroBlocks === 1) this.#warn("Half of the mark of its end is missing.");
  }

  #takeBody(chunk: Buffer, at: number): number {
    const body = chunk.subarray(at, at + this.#bodyLeft);
    this.#bodyLeft -= body.length;
    if (this.#meta !== null) {
      // Held back until it is whole: node-tar decodes each piece by itself.
      this.#meta.blocks.push(Buffer.from(body));
      if (this.#bodyLeft === 0) this.#endMeta(this.#meta);
      return body.length;
    }
    this.#parse(body);
    const content = body.subarray(0, this.#contentLeft);
    this.#contentLeft -= content.length;
    if (content.length > 0) this.#sink.data(content);
    if (this.#bodyLeft === 0) this.#endFile();
    return body.length;
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const part = chunk.subarray(at, at + BLOCK_BYTES - this.#pending.length);
    const block = this.#pending.length === 0 ? part : Buffer.concat([this.#pending, part]);
    const isWhole = block.length === BLOCK_BYTES;
    this.#pending = isWhole ? Buffer.alloc(0) : Buffer.from(block);
    if (isWhole) this.#header(block);
    return part.length;
  }

  #header(block: Buffer): void {
    if (isZeroBlock(block)) {
      if (this.#hasRecords())
        throw badArchive("ends with attributes of an entry that is not there");
      this.#zeroBlocks += 1;
      return this.#parse(block);
    }
    if (this.#zeroBlocks > 0) throw badArchive("goes on after the mark of its end");
    const { type, ...rest } = readTarHeader(block);
    if (isMeta(type)) return this.#beginMeta(type, rest.sizeBytes, block);
    this.#parsed = null;
    this.#parse(block);
    this.#beginEntry({ kind: type, ...rest });
  }

  #beginMeta(type: MetaType, sizeBytes: number, block: Buffer): void {
    this.#metaCount += 1;
    if (sizeBytes > this.#limits.metaBytes || this.#metaCount > MOST_METAS) {
      throw badArchive("has more attributes for one entry than it may");
    }
    if (sizeBytes === 0) throw badArchive("has an empty header");
    this.#meta = { type, sizeBytes, blocks: [Buffer.from(block)] };
    this.#bodyLeft = paddedOf(sizeBytes);
  }

  #endMeta({ type, sizeBytes, blocks }: Meta): void {
    this.#meta = null;
    const all = Buffer.concat(blocks);
    const body = all.subarray(BLOCK_BYTES, BLOCK_BYTES + sizeBytes);
    const records = readMeta(type, body);
    for (const key of Object.keys(records)) {
      if (key in this.#records) throw badArchive("gives an entry two names or sizes");
    }
    this.#records = { ...this.#records, ...records };
    this.#parse(all);
  }

  #beginEntry(header: EntryHeader): void {
    const head = this.#headOf(header);
    this.#records = {};
    this.#metaCount = 0;
    this.#sink.begin(head);
    if (head.kind !== "file") return;
    this.#isFileOpen = true;
    this.#contentLeft = head.sizeBytes ?? 0;
    this.#bodyLeft = paddedOf(this.#contentLeft);
    if (this.#bodyLeft === 0) this.#endFile();
  }

  /** As the strict reading has it. @throws where node-tar's is another. */
  #headOf(header: EntryHeader): EntryHead {
    const own = withRecords(header, this.#records);
    if (own.kind !== "file" && own.sizeBytes > 0) {
      throw badEntry(own.name, "has content, which its kind cannot have");
    }
    // node-tar leaves labels out, and tells nobody.
    if (own.kind === "label") return { ...own, mode: null, modifiedAtMs: null };
    const parsed = this.#parsed;
    if (parsed === null || !isSame(own, parsed)) {
      throw badEntry(own.name, "can be read in two ways");
    }
    return { ...own, mode: parsed.mode ?? null, modifiedAtMs: parsed.mtime?.getTime() ?? null };
  }

  #endFile(): void {
    if (!this.#isFileOpen) return;
    this.#isFileOpen = false;
    this.#sink.end();
  }

  #hasRecords(): boolean {
    return this.#metaCount > 0 && Object.keys(this.#records).length > 0;
  }

  #parse(bytes: Buffer): void {
    this.#parser.write(bytes);
    if (this.#trouble !== null) throw badArchive(`is damaged: ${this.#trouble}`);
  }

  #takeGarbage(chunk: Buffer, at: number): number {
    const isZero = !chunk.subarray(at).some((byte) => byte !== 0);
    if (!isZero && !this.#isGarbageTold) {
      this.#isGarbageTold = true;
      this.#warn("Something that is no part of it follows after its end.");
    }
    return chunk.length;
  }
}

function readMeta(type: MetaType, body: Buffer): PaxRecords {
  if (type === "pax" || type === "global-pax") return readPaxRecords(body, type);
  const zero = body.indexOf(0);
  const text = zero === -1 ? body : body.subarray(0, zero);
  if (zero !== -1 && body.subarray(zero).some((byte) => byte !== 0)) {
    throw badArchive("has something after the end of a long name");
  }
  const name = text.toString();
  if (!Buffer.from(name).equals(text)) throw badArchive("has a name that is no UTF-8");
  return type === "long-name" ? { path: name } : { linkpath: name };
}

/** What headers before it say in place of its own. */
function withRecords(header: EntryHeader, records: PaxRecords): EntryHeader {
  const name = records.path ?? header.name;
  // Old tars mark a folder by its name alone.
  const isFolder = header.kind === "file" && name.endsWith("/");
  return {
    kind: isFolder ? "folder" : header.kind,
    name,
    target: records.linkpath ?? header.target,
    sizeBytes: records.sizeBytes ?? header.sizeBytes,
  };
}

function isSame(own: EntryHeader, parsed: ReadEntry): boolean {
  // node-tar ends a value at a line's end, and has backslashes as slashes on Windows.
  const isNameSame =
    own.name.includes("\n") || own.name.replaceAll("\\", "/") === parsed.path.replaceAll("\\", "/");
  const isFolder = parsed.type === "Directory";
  return isNameSame && own.sizeBytes === parsed.size && (own.kind === "folder") === isFolder;
}

function paddedOf(sizeBytes: number): number {
  return BLOCK_BYTES * Math.ceil(sizeBytes / BLOCK_BYTES);
}
