import { Worker } from "node:worker_threads";
import { fromErrorInfo, LonghaulError } from "#shared/errors.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { siblingModule } from "../flow/sibling-module.ts";
import { sweepExtract } from "./extract-folder.ts";
import type { UnpackNotice, UnpackReply, UnpackSetup } from "./unpack-link.ts";
import { PROGRESS } from "./unpack-link.ts";
import type { UnpackedEntry, UnpackOrder, UnpackResult } from "./unpack-order.ts";

export type UnpackProgress = {
  /** Of the archive's own bytes. */
  readonly readBytes: number;
  readonly entryCount: number;
  readonly writtenBytes: number;
};

/** An unpacking under way. */
export interface Unpacking {
  /** As of now; looked at as often as one likes. */
  readonly progress: UnpackProgress;
  /**
   * Resolves when all is in place and durable.
   *
   * @throws {LonghaulError} `bad-archive`, `unsupported`, `conflict`, `disk-full` and others of the
   * disk; AbortError. Nothing is left then.
   */
  readonly done: Promise<UnpackResult>;
  /** Of a file that is still being written: so many bytes from its start are there to be read. */
  grow(availableBytes: number): void;
  /** The file has another name now. */
  moveTo(path: string): void;
  /** The file is whole and proven, and was like this then; nothing is put in place before. */
  end(stamp?: FileStamp): void;
}

type Events = {
  /** What was written, in batches; it counts once `done` resolves. */
  readonly onEntries?: (entries: readonly UnpackedEntry[]) => void;
};

/** A thread that was asked to stop and did not hangs on its disk. */
const STOP_WITHIN_MS = 60_000;

/** Unpackings under way, which share what is flushed at once. */
const RUNNING = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Unpacks an archive in a thread of its own. */
export function startUnpacking(
  order: UnpackOrder,
  signal: AbortSignal,
  { onEntries }: Events = {},
): Unpacking {
  const progress = new SharedArrayBuffer(PROGRESS.length * BigInt64Array.BYTES_PER_ELEMENT);
  const counts = new BigInt64Array(progress);
  const setup: UnpackSetup = { order, progress, running: RUNNING.buffer };
  const worker = new Worker(siblingModule(import.meta.url, "unpack-worker"), {
    name: "unpack",
    workerData: setup,
    execArgv: [],
    // It needs nothing of ours, and what it was not given it cannot leak.
    env: {},
  });
  Atomics.add(RUNNING, 0, 1);
  worker.once("exit", () => void Atomics.sub(RUNNING, 0, 1));
  const post = (notice: UnpackNotice) => worker.postMessage(notice, []);
  const count = (place: number) => Number(Atomics.load(counts, place));
  return {
    get progress() {
      return {
        readBytes: count(PROGRESS.readBytes),
        entryCount: count(PROGRESS.entryCount),
        writtenBytes: count(PROGRESS.writtenBytes),
      };
    },
    done: ended(worker, order, { signal, onEntries }),
    grow: (availableBytes) => post({ kind: "grow", availableBytes }),
    moveTo: (path) => post({ kind: "move", path }),
    end: (stamp) => post({ kind: "end", stamp: stamp ?? null }),
  };
}

type Last = Exclude<UnpackReply, { readonly kind: "entries" }>;

async function ended(
  worker: Worker,
  { destination, id }: UnpackOrder,
  {
    signal,
    onEntries,
  }: { readonly signal: AbortSignal; readonly onEntries: Events["onEntries"] | undefined },
): Promise<UnpackResult> {
  const last = await lastReply(worker, signal, onEntries);
  if (last === null) {
    // It could not tidy up itself.
    await sweepExtract(destination, id);
    signal.throwIfAborted();
    throw new LonghaulError("internal", "the thread that unpacked ended by itself");
  }
  if (last.kind === "failed") throw fromErrorInfo(last.error);
  if (last.kind === "done") return last.result;
  signal.throwIfAborted();
  throw new LonghaulError("internal", "an unpacking was canceled by nobody");
}

/** Null where the thread died, or was ended because it did not stop. */
async function lastReply(
  worker: Worker,
  signal: AbortSignal,
  onEntries: Events["onEntries"],
): Promise<Last | null> {
  const { promise, resolve } = Promise.withResolvers<Last | null>();
  let last: Last | null = null;
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    worker.postMessage({ kind: "cancel" } satisfies UnpackNotice, []);
    timer = setTimeout(() => void worker.terminate(), STOP_WITHIN_MS);
  };
  worker.on("message", (reply: UnpackReply) => {
    if (reply.kind === "entries") onEntries?.(reply.entries);
    else last = reply;
  });
  worker.on("error", () => undefined);
  worker.on("exit", () => resolve(last));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
