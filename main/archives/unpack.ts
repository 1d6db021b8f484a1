import { fstatSync } from "node:fs";
import { dirname } from "node:path";
import { MiB } from "../bytes/sizes.ts";
import { keptFreeBytes, readVolumeOf } from "../disk/free-space.ts";
import { namePlatform } from "../disk/safe-name.ts";
import type { ArchiveSource } from "./archive-source.ts";
import { badArchive } from "./bad-archive.ts";
import { ByteFeed } from "./byte-feed.ts";
import type { Compression } from "./decompress.ts";
import { decompress } from "./decompress.ts";
import type { Format } from "./detect-format.ts";
import { HEAD_BYTES, isTar, outsideOf } from "./detect-format.ts";
import type { EntrySink } from "./entry-sink.ts";
import type { ExtractFolder } from "./extract-folder.ts";
import {
  abandonExtract,
  commitExtract,
  forgetExtract,
  makeExtractFolder,
} from "./extract-folder.ts";
import { FileWindow } from "./file-window.ts";
import { FlushQueue } from "./flush-queue.ts";
import { TarReader } from "./tar-reader.ts";
import { TreeWriter } from "./tree-writer.ts";
import type { UnpackedEntry, UnpackOrder, UnpackResult } from "./unpack-order.ts";
import { UnpackMeter } from "./unpack-meter.ts";
import { readZip } from "./zip-reader.ts";

/** Whoever unpacks tells of it here, and hears how much of the disk it may take. */
export type UnpackEvents = {
  readonly onEntries: (entries: readonly UnpackedEntry[]) => void;
  /** Bytes of the archive that are used up, entries met and bytes written so far. */
  readonly onProgress: (readBytes: number, entryCount: number, writtenBytes: number) => void;
  /** As of now; absent: as for the only unpacking there is. */
  readonly mostFlushes?: () => number;
};

type Work = {
  readonly order: UnpackOrder;
  readonly source: ArchiveSource;
  readonly sink: EntrySink;
  readonly meter: UnpackMeter;
  readonly onRead: (position: number) => void;
  readonly warn: (warning: string) => void;
  readonly signal: AbortSignal;
};

/** Of a tar, which is used as it is, and of what is decompressed first. */
const TAR_CHUNK_BYTES = MiB;
const PACKED_CHUNK_BYTES = 2 * MiB;
const MOST_WARNINGS = 20;

/**
 * Unpacks an archive beside its destination and puts the whole in place with one rename. However
 * else it ends, nothing of it is left.
 *
 * @throws {LonghaulError} `bad-archive`, `unsupported`, `conflict`, `disk-full` and others of the
 * disk; AbortError.
 */
export async function unpack(
  order: UnpackOrder,
  source: ArchiveSource,
  events: UnpackEvents,
  signal: AbortSignal,
): Promise<UnpackResult> {
  const extract = await makeExtractFolder(order.destination, order.id);
  try {
    const result = await unpackInto(extract, order, source, { events, signal });
    signal.throwIfAborted();
    await source.assertUnchanged();
    await commitExtract(extract);
    if (order.isMarkKept !== true) await forgetExtract(extract);
    return result;
  } catch (error) {
    await abandonExtract(extract);
    throw error;
  }
}

async function unpackInto(
  extract: ExtractFolder,
  order: UnpackOrder,
  source: ArchiveSource,
  { events, signal }: { readonly events: UnpackEvents; readonly signal: AbortSignal },
): Promise<UnpackResult> {
  const { limits, links } = order;
  const volume = await readVolumeOf(extract.folder);
  const freeBytes = Math.max(0, volume.freeBytes - keptFreeBytes(volume.totalBytes));
  const meter = new UnpackMeter(limits, { freeBytes, folder: dirname(extract.folder) });
  const platform = namePlatform(process.platform);
  const { onEntries, mostFlushes } = events;
  const queue = new FlushQueue(mostFlushes && { flushes: mostFlushes });
  const tree = new TreeWriter(extract.tree, { limits, links, platform, meter, onEntries }, queue);
  const warnings = new Set<string>();
  const onRead = (position: number) =>
    events.onProgress(position, meter.entryCount, meter.totalBytes);
  const warn = (warning: string) => {
    if (warnings.size < MOST_WARNINGS) warnings.add(warning);
  };
  try {
    const format = await read({ order, source, sink: tree, meter, onRead, warn, signal });
    // Nothing is put in place of an archive that is not whole and proven.
    onRead(await source.size());
    await tree.finish(signal);
    const { file: fileCount, folder: folderCount, link: linkCount } = tree.counts;
    const counts = { fileCount, folderCount, linkCount, totalBytes: meter.totalBytes };
    return { format, ...counts, skipped: tree.skipped, warnings: [...warnings] };
  } finally {
    await tree.close();
  }
}

async function read(work: Work): Promise<Format> {
  const { order, source } = work;
  const head = await headOf(source);
  const outside = outsideOf(head, order.method, order.archiveName);
  if (outside === "zip") return await readWholeZip(work);
  if (outside !== "tar") return await readCompressed(work, outside);
  await readTar(work, counted(source.stream(TAR_CHUNK_BYTES, true), work.onRead));
  return "tar";
}

async function headOf(source: ArchiveSource): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < HEAD_BYTES;) {
    const chunk = await source.read(at, HEAD_BYTES - at);
    if (chunk.length === 0) break;
    chunks.push(chunk);
    at += chunk.length;
  }
  return Buffer.concat(chunks);
}

async function readWholeZip({ source, sink, ...work }: Work): Promise<Format> {
  const fd = await source.descriptor();
  const { onRead, warn, signal, meter, order } = work;
  const options = { limits: order.limits, meter, signal, warn, onRead };
  await readZip(new FileWindow(fd, fstatSync(fd).size), sink, options);
  return "zip";
}

async function readCompressed(work: Work, compression: Compression): Promise<Format> {
  const { order, source, meter, warn, onRead } = work;
  const feed = new ByteFeed(source.stream(PACKED_CHUNK_BYTES));
  const onRatio = (inBytes: number, outBytes: number) => {
    onRead(inBytes);
    meter.assertRatio(inBytes, outBytes);
  };
  const inside = new ByteFeed(decompress(feed, compression, { onRatio, warn }));
  try {
    const isPacked = isTar(await inside.peek(HEAD_BYTES), order.method, order.archiveName);
    const isAsked = order.method === "auto" || order.method.startsWith("tar.") === isPacked;
    if (!isAsked) throw badArchive(`is not ${order.method}, as which it was to be unpacked`);
    if (isPacked) await readTar(work, chunksOf(inside));
    else await readSingle(work, chunksOf(inside));
    return isPacked ? `tar.${compression}` : compression;
  } finally {
    await inside.close();
    await feed.close();
  }
}

async function readTar({ sink, order, warn, signal }: Work, chunks: AsyncIterable<Buffer>) {
  const reader = new TarReader(sink, order.limits, warn);
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      signal.throwIfAborted();
      at += reader.feed(chunk.subarray(at));
      if (sink.isFull) await sink.room();
    }
  }
  reader.end();
}

/** One file, which is called as the archive without its ending, whatever the header calls it. */
async function readSingle({ sink, order, signal }: Work, chunks: AsyncIterable<Buffer>) {
  const name = order.archiveName.replace(/\.(?:gz|zst|zstd)$/iu, "");
  const facts = { sizeBytes: null, mode: null, modifiedAtMs: null, target: "" };
  sink.begin({ kind: "file", name, ...facts });
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    sink.data(chunk);
  }
  sink.end();
}

async function* counted(chunks: AsyncIterable<Buffer>, onRead: (position: number) => void) {
  let position = 0;
  for await (const chunk of chunks) {
    yield chunk;
    position += chunk.length;
    onRead(position);
  }
}

async function* chunksOf(feed: ByteFeed): AsyncGenerator<Buffer> {
  for (let chunk = await feed.next(); chunk !== null; chunk = await feed.next()) yield chunk;
}
