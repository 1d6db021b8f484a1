import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { crc32, createInflateRaw, inflateRaw } from "node:zlib";
import type { ZlibOptions } from "node:zlib";
import { MiB } from "../bytes/sizes.ts";
import { badEntry } from "./bad-archive.ts";
import { ByteFeed } from "./byte-feed.ts";
import type { EntryHead, EntrySink } from "./entry-sink.ts";
import type { FileWindow } from "./file-window.ts";
import { runCodec } from "./run-codec.ts";
import type { UnpackMeter } from "./unpack-meter.ts";
import type { UnpackLimits } from "./unpack-order.ts";
import type { ZipContent } from "./zip-content.ts";
import { findContent } from "./zip-content.ts";
import type { ZipRecord } from "./zip-list.ts";
import { readZipList, STORED } from "./zip-list.ts";

type ZipOptions = {
  readonly limits: UnpackLimits;
  readonly meter: UnpackMeter;
  readonly signal: AbortSignal;
  readonly warn: (warning: string) => void;
  /** Told where in the file it has come to. */
  readonly onRead: (position: number) => void;
};

/** Content up to this is unpacked in one go, ahead of being written, in another thread. */
const SMALL_BYTES = 2 * MiB;
/** Unpacked ahead, at most. */
const MOST_AHEAD = 4;
const CHUNK_BYTES = MiB;

/** A record whose content may be on its way. */
type Prepared = {
  readonly record: ZipRecord;
  readonly place: ZipContent;
  /** Null where it is read piece by piece. */
  readonly content: Promise<Buffer> | null;
};

/**
 * Unpacks a zip into a sink, in the order of the file. All of its list is checked first: sums, names
 * that clash, entries that lie in each other.
 *
 * @throws {LonghaulError} `bad-archive`, `unsupported`, `disk-full`, and the sink's; AbortError.
 */
export async function readZip(
  file: FileWindow,
  sink: EntrySink,
  options: ZipOptions,
): Promise<void> {
  const { records, startAt } = await readZipList(file, options.limits, options.signal);
  const totalBytes = records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  options.meter.assertRoom(totalBytes, records.at(-1)?.name ?? "");
  for (const { compressedBytes, sizeBytes, name } of records) {
    options.meter.assertRatio(compressedBytes, sizeBytes, name);
  }
  let endAt = 0;
  const ahead: Prepared[] = [];
  const take = async (prepared: Prepared | undefined) => {
    if (prepared === undefined) return;
    await unpackOne(file, prepared, sink);
    options.onRead(prepared.place.endAt);
  };
  for (const record of records) {
    options.signal.throwIfAborted();
    const place = findContent(file, record);
    if (record.headerAt < endAt) throw badEntry(record.name, "lies in another entry");
    if (place.endAt > startAt) throw badEntry(record.name, "lies in the list of entries");
    if (record.headerAt > endAt) options.warn("There are bytes between its entries.");
    endAt = place.endAt;
    ahead.push(prepare(file, record, place));
    if (ahead.length >= MOST_AHEAD) await take(ahead.shift());
    if (sink.isFull) await sink.room();
  }
  for (const prepared of ahead) await take(prepared);
  if (endAt < startAt) options.warn("There are bytes between its entries.");
}

function prepare(file: FileWindow, record: ZipRecord, place: ZipContent): Prepared {
  const hasContent = record.kind === "file" || record.kind === "symlink";
  if (!hasContent || record.method === STORED || record.sizeBytes > SMALL_BYTES) {
    return { record, place, content: null };
  }
  // Twice as much as what comes out is no deflate; such a one is read piece by piece.
  if (record.compressedBytes > 2 * SMALL_BYTES) return { record, place, content: null };
  const content = inflateSmall(file.bytes(place.startAt, record.compressedBytes), record);
  // Whoever waits for it hears of it.
  content.catch(() => undefined);
  return { record, place, content };
}

type Inflated = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };

/** With the option `info`, which the types of Node do not have, its answer is this. */
function isInflated(value: unknown): value is Inflated {
  return typeof value === "object" && value !== null && "engine" in value;
}

async function inflate(packed: Buffer, mostBytes: number): Promise<Inflated> {
  const options = { chunkSize: mostBytes, maxOutputLength: mostBytes, info: true };
  const inflated: unknown = await promisify<Buffer, ZlibOptions, unknown>(inflateRaw)(
    packed,
    options,
  );
  if (!isInflated(inflated)) throw new Error("what was unpacked is without its facts");
  return inflated;
}

async function inflateSmall(packed: Buffer, { name, sizeBytes }: ZipRecord): Promise<Buffer> {
  try {
    const { buffer, engine } = await inflate(packed, Math.max(64, sizeBytes + 1));
    if (engine.bytesWritten !== packed.length)
      throw badEntry(name, "has something after its content");
    return buffer;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ERR_BUFFER_TOO_LARGE") throw badEntry(name, `has more than ${sizeBytes} bytes`);
    throw code.startsWith("Z_") ? badEntry(name, "is damaged") : error;
  }
}

async function unpackOne(file: FileWindow, prepared: Prepared, sink: EntrySink): Promise<void> {
  const { record } = prepared;
  if (sink.isFull) await sink.room();
  if (record.kind !== "file") {
    const isLink = record.kind === "symlink";
    return sink.begin({ ...headOf(record), target: isLink ? await targetOf(file, prepared) : "" });
  }
  sink.begin(headOf(record));
  let crc = 0;
  for await (const chunk of contentOf(file, prepared)) {
    crc = crc32(chunk, crc);
    sink.data(chunk);
  }
  if (crc !== record.crc) throw badEntry(record.name, "is damaged: its checksum is wrong");
  sink.end();
}

async function targetOf(file: FileWindow, prepared: Prepared): Promise<string> {
  const { record } = prepared;
  const chunks: Buffer[] = [];
  for await (const chunk of contentOf(file, prepared)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const target = bytes.toString();
  const isRight = crc32(bytes) === record.crc && Buffer.from(target).equals(bytes);
  if (!isRight) throw badEntry(record.name, "is damaged: its checksum is wrong");
  return target;
}

function headOf({ kind, name, sizeBytes, mode, modifiedAtMs }: ZipRecord): EntryHead {
  return { kind, name, sizeBytes, mode, modifiedAtMs, target: "" };
}

async function* contentOf(file: FileWindow, prepared: Prepared): AsyncGenerator<Buffer> {
  const { record, place, content } = prepared;
  if (content !== null) {
    yield await content;
    return;
  }
  if (record.method === STORED) {
    yield* chunksOf(file, place.startAt, record);
    return;
  }
  const feed = new ByteFeed(chunksOf(file, place.startAt, record));
  yield* runCodec(createInflateRaw({ chunkSize: MiB }), feed, () => undefined);
  if ((await feed.peek(1)).length > 0)
    throw badEntry(record.name, "has something after its content");
}

async function* chunksOf(
  file: FileWindow,
  startAt: number,
  { compressedBytes }: ZipRecord,
): AsyncGenerator<Buffer> {
  const endAt = startAt + compressedBytes;
  for (let at = startAt; at < endAt; at += CHUNK_BYTES) {
    yield file.bytes(at, Math.min(CHUNK_BYTES, endAt - at));
    // Nothing here waits for anything: whoever cancels is to be heard.
    await nextTurn();
  }
}
