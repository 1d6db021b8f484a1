import { isUtf8 } from "node:buffer";
import type { Entry, ZipFile } from "yauzl";
import { fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader } from "yauzl";
import { isAbort, LonghaulError } from "#shared/errors.ts";
import { badArchive, badEntry, unsupportedArchive } from "./bad-archive.ts";
import type { EntryHead } from "./entry-sink.ts";
import type { FileWindow } from "./file-window.ts";
import type { UnpackLimits } from "./unpack-order.ts";
import { readZipEnd } from "./zip-end.ts";

/** One entry of the list at a zip's end. */
export type ZipRecord = {
  readonly kind: EntryHead["kind"];
  readonly name: string;
  readonly rawName: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly headerAt: number;
  readonly mode: number | null;
  readonly modifiedAtMs: number;
};

export type ZipList = {
  /** In the order of the file. */
  readonly records: readonly ZipRecord[];
  /** Where the list begins, and content must have ended. */
  readonly startAt: number;
};

const HEADER_BYTES = 46;
const IS_ENCRYPTED = 0x2041;
const IS_UTF8 = 0x800;
export const STORED = 0;
export const DEFLATED = 8;
/** Systems whose attributes hold `st_mode` in the upper half: Unix, macOS. */
const UNIX_SYSTEMS = new Set([3, 19]);

/**
 * Reads the list of a zip with yauzl, and refuses what is not unpacked before anything is written.
 *
 * @throws {LonghaulError} `bad-archive`, `unsupported`; AbortError.
 */
export async function readZipList(
  file: FileWindow,
  limits: UnpackLimits,
  signal: AbortSignal,
): Promise<ZipList> {
  const end = readZipEnd(file);
  if (end.entryCount > limits.entries) throw badArchive(`has more than ${limits.entries} entries`);
  const records: ZipRecord[] = [];
  let listBytes = 0;
  try {
    const zip = await openList(file);
    for await (const entry of entriesOf(zip)) {
      signal.throwIfAborted();
      listBytes += HEADER_BYTES + entry.fileNameLength;
      listBytes += entry.extraFieldLength + entry.fileCommentLength;
      records.push(toRecord(entry, limits));
    }
  } catch (error) {
    throw toZipError(error);
  }
  const isWhole = records.length === end.entryCount && end.startAt + listBytes === end.endAt;
  if (!isWhole) throw badArchive("is damaged: its list of entries is not what it says");
  return { records: records.toSorted((a, b) => a.headerAt - b.headerAt), startAt: end.startAt };
}

async function openList(file: FileWindow): Promise<ZipFile> {
  const reader = new WindowReader(file);
  const options = { lazyEntries: true, decodeStrings: false, autoClose: false };
  return await fromRandomAccessReaderPromise(reader, file.sizeBytes, options);
}

/** Gives yauzl bytes of the window: its own way asks the system twice for each entry. */
class WindowReader extends RandomAccessReader {
  readonly #file: FileWindow;

  constructor(file: FileWindow) {
    super();
    this.#file = file;
  }

  // yauzl's own: five parameters, of which its types leave the last one's count out.
  // oxlint-disable-next-line max-params
  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    let failure: Error | null = null;
    try {
      this.#file.bytes(position, length).copy(buffer, offset);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    queueMicrotask(() => callback(failure, length));
  }
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  yield* zip.eachEntry();
}

function toRecord(entry: Entry, limits: UnpackLimits): ZipRecord {
  const { generalPurposeBitFlag: flags, compressionMethod: method } = entry;
  const rawName = Buffer.from(entry.fileNameRaw);
  const name = nameOf(entry, rawName);
  if (rawName.length > limits.nameBytes) throw badEntry(name, "has a name that is too long");
  if ((flags & IS_ENCRYPTED) !== 0) {
    throw unsupportedArchive(`the entry ${JSON.stringify(name)} is encrypted`, name);
  }
  if (method !== STORED && method !== DEFLATED) {
    throw unsupportedArchive(
      `the entry ${JSON.stringify(name)} is packed in a way that is not known (${method})`,
      name,
    );
  }
  const mode = UNIX_SYSTEMS.has(entry.versionMadeBy >> 8) ? entry.externalFileAttributes >>> 16 : 0;
  const kind = kindOf(name, mode);
  if (kind === "folder" && entry.uncompressedSize > 0) {
    throw badEntry(name, "has content, which its kind cannot have");
  }
  if (kind === "symlink" && entry.uncompressedSize > limits.nameBytes) {
    throw badEntry(name, "is a link to a name that is too long");
  }
  return {
    kind,
    name,
    rawName,
    flags,
    method,
    crc: entry.crc32,
    compressedBytes: entry.compressedSize,
    sizeBytes: entry.uncompressedSize,
    headerAt: entry.relativeOffsetOfLocalHeader,
    mode: (mode & 0o7777) === 0 ? null : mode & 0o7777,
    modifiedAtMs: entry.getLastModDate().getTime(),
  };
}

/**
 * UTF-8 where it says so, and where it can be that of a system that has nothing else, as its tools
 * do not always say so; otherwise the character set of the first PCs.
 */
function nameOf(entry: Entry, rawName: Buffer): string {
  const { generalPurposeBitFlag: flags, extraFields, versionMadeBy } = entry;
  const isSaid = (flags & IS_UTF8) !== 0;
  const isMeant = isSaid || (UNIX_SYSTEMS.has(versionMadeBy >> 8) && isUtf8(rawName));
  const name = getFileNameLowLevel(isMeant ? IS_UTF8 : 0, rawName, extraFields, true);
  const isText = isSaid ? isUtf8(rawName) : !name.includes("\uFFFD");
  if (!isText) throw badEntry(name, "has a name that is no UTF-8");
  if (name.includes("\\")) throw badEntry(name, "has backslashes in its name");
  return name;
}

/** By the type bits of `st_mode`. */
const KINDS: Readonly<Record<number, EntryHead["kind"]>> = {
  0o12: "symlink",
  0o02: "device",
  0o06: "device",
  0o01: "fifo",
  0o14: "socket",
};

function kindOf(name: string, mode: number): EntryHead["kind"] {
  const kind = KINDS[mode >>> 12];
  if (kind !== undefined) return kind;
  const isFolder = name.endsWith("/");
  if (mode >>> 12 === 0o04 && !isFolder) throw badEntry(name, "is a folder and a file as well");
  return isFolder ? "folder" : "file";
}

/** yauzl says what is wrong in a sentence, and in nothing else. */
function toZipError(error: unknown): unknown {
  if (error instanceof LonghaulError || isAbort(error) || !(error instanceof Error)) return error;
  if (/encryption/u.test(error.message)) return unsupportedArchive("the archive is encrypted");
  return badArchive(`is damaged: ${error.message}`);
}
