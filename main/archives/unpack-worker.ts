import { parentPort, workerData } from "node:worker_threads";
import { isAbort, toErrorInfo } from "#shared/errors.ts";
import { ArchiveSource } from "./archive-source.ts";
import { flushesOf } from "./flush-queue.ts";
import { unpack } from "./unpack.ts";
import type { UnpackNotice, UnpackReply, UnpackSetup } from "./unpack-link.ts";
import { PROGRESS } from "./unpack-link.ts";
import type { UnpackedEntry } from "./unpack-order.ts";

// Electron's fs would take a file named `*.asar` for a folder.
Object.assign(process, { noAsar: true });

const { order, progress, running }: UnpackSetup = workerData;
const counts = new BigInt64Array(progress);
const unpackings = new Int32Array(running);
const canceling = new AbortController();
const { archivePath, availableBytes, archiveStamp } = order;
const source = new ArchiveSource(archivePath, availableBytes, canceling.signal, archiveStamp);

function post(reply: UnpackReply): void {
  parentPort?.postMessage(reply, []);
}

function take(notice: UnpackNotice): void {
  switch (notice.kind) {
    case "grow":
      return source.grow(notice.availableBytes);
    case "move":
      return source.moveTo(notice.path);
    case "end":
      return source.end(notice.stamp);
    case "cancel":
      return canceling.abort();
    default:
      return notice satisfies never;
  }
}

function onProgress(readBytes: number, entryCount: number, writtenBytes: number): void {
  Atomics.store(counts, PROGRESS.readBytes, BigInt(readBytes));
  Atomics.store(counts, PROGRESS.entryCount, BigInt(entryCount));
  Atomics.store(counts, PROGRESS.writtenBytes, BigInt(writtenBytes));
}

async function work(): Promise<UnpackReply> {
  const onEntries = (entries: readonly UnpackedEntry[]) => post({ kind: "entries", entries });
  try {
    const mostFlushes = () => flushesOf(Atomics.load(unpackings, 0));
    const events = { onEntries, onProgress, mostFlushes };
    return { kind: "done", result: await unpack(order, source, events, canceling.signal) };
  } catch (error) {
    return isAbort(error) ? { kind: "canceled" } : { kind: "failed", error: toErrorInfo(error) };
  } finally {
    await source.close();
  }
}

parentPort?.on("message", take);
const reply = await work();
post(reply);
// Nothing more is heard, so the thread ends.
parentPort?.close();
