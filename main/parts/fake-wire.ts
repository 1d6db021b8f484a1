import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { existsSync, fstatSync, openSync, closeSync, readSync, writeSync } from "node:fs";
import { toFsPath } from "../disk/local-path.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import type * as W from "../wire/wire.ts";
import type { FakeStore } from "./fake-store.ts";

/** A wire for tests: moves bytes between real files and a `FakeStore`, at once, in this thread. */
export class FakeWire implements W.Wire {
  readonly store: FakeStore;
  readonly loaded = new Set<number>();
  readonly synced: string[] = [];
  readonly closed: string[] = [];
  digestCount = 0;
  /** How many bytes of a response arrive before it is cut; undefined is all. */
  cutAfter: (name: string, attempt: number) => number | undefined = () => undefined;
  /** Ranges longer than this are not asked for, as after a cap that fell. */
  mostBytes = Infinity;
  /** Changes bytes on their way to the disk. */
  corrupt: (bytes: Buffer, start: number) => Buffer = (bytes) => bytes;
  /** Changes bytes as they are read from the disk to be sent. */
  misread: (bytes: Buffer) => Buffer = (bytes) => bytes;
  /** A turn under the cap. */
  enter: W.Meter["enter"] = async () => () => undefined;
  onSync: () => void | Promise<void> = () => undefined;
  readonly #bodies = new Map<number, Buffer>();
  readonly #received = new Map<string, number>();
  /** Written, and lost when the power goes. */
  #unsynced: W.FileRange[] = [];

  constructor(store: FakeStore) {
    this.store = store;
  }

  async load({ source, stamp }: W.LoadOrder, signal: AbortSignal): Promise<W.LoadedBody> {
    signal.throwIfAborted();
    const { bytes: onDisk, actual } = readRange(source);
    const bytes = this.misread(onDisk);
    if (stamp !== undefined && !isSameStamp(stamp, actual)) {
      throw new LonghaulError("source-changed", source.path);
    }
    const id = this.#bodies.size + 1;
    this.#bodies.set(id, bytes);
    this.loaded.add(id);
    return { id, sizeBytes: bytes.length, sha256: hash("sha256", bytes) };
  }

  async keep(bytes: Uint8Array, signal: AbortSignal): Promise<W.LoadedBody> {
    signal.throwIfAborted();
    const id = this.#bodies.size + 1;
    this.#bodies.set(id, Buffer.from(bytes));
    this.loaded.add(id);
    return { id, sizeBytes: bytes.length, sha256: hash("sha256", bytes) };
  }

  async send({ body, request }: W.SendOrder, signal: AbortSignal): Promise<W.WireResponse> {
    signal.throwIfAborted();
    const answer = await this.store.put(request, this.#bodies.get(body.id) ?? Buffer.alloc(0));
    signal.throwIfAborted();
    return answer;
  }

  release({ id }: W.LoadedBody): void {
    this.loaded.delete(id);
  }

  async receive(order: W.ReceiveOrder, signal: AbortSignal): Promise<W.Received> {
    const { request, expect, target, cuts, algorithm = "sha256" } = order;
    if (target.end - target.start > this.mostBytes) return { outcome: "unasked" };
    const { status, headers, bytes } = await this.store.get(request);
    signal.throwIfAborted();
    if (status !== expect.status) {
      return { outcome: "refused", response: { status, headers: {}, body: new Uint8Array() } };
    }
    const name = `${target.start}-${target.end}`;
    const attempt = (this.#received.get(name) ?? 0) + 1;
    this.#received.set(name, attempt);
    const receivedBytes = this.cutAfter(name, attempt) ?? bytes.length;
    const arrived = this.corrupt(Buffer.from(bytes.subarray(0, receivedBytes)), target.start);
    if (order.isDropped !== true && order.isHeld !== true) {
      writeRange(target.path, arrived, target.start);
      this.#unsynced = [...this.#unsynced, { ...target, end: target.start + arrived.length }];
    }
    if (receivedBytes < bytes.length) {
      return { outcome: "cut", receivedBytes, error: new LonghaulError("unreachable", "cut") };
    }
    return {
      outcome: "whole",
      digests: digestsOf(arrived, target.start, cuts, algorithm),
      headers,
      ...(order.isHeld === true && { bytes: arrived }),
    };
  }

  async digest({ source, algorithm }: W.DigestOrder, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.digestCount += 1;
    return digestOf(algorithm, readRange(source).bytes);
  }

  async sync(path: string, _signal: AbortSignal, isLast = false): Promise<void> {
    const held = this.#unsynced;
    await this.onSync();
    if (!existsSync(toFsPath(path))) throw new LonghaulError("disk-failed", path);
    this.#unsynced = this.#unsynced.filter((range) => !held.includes(range));
    this.synced.push(path);
    if (isLast) this.closed.push(path);
  }

  /** What was not synced is other bytes now, wherever the file still is. */
  cutPower(): void {
    for (const { path, start, end } of this.#unsynced) {
      if (existsSync(toFsPath(path))) writeRange(path, Buffer.alloc(end - start, 0xee), start);
    }
    this.#unsynced = [];
  }

  async closeFile(path: string): Promise<void> {
    this.closed.push(path);
  }

  setLimits(): void {}

  tune(): void {}
  renew(): void {}

  /** Caps that were set, in order. */
  readonly caps: (number | null)[] = [];

  openMeter(): W.Meter {
    return {
      slot: 0,
      group: -1,
      movedBytes: () => 0,
      writingCount: () => 0,
      digestedBytes: () => 0,
      enter: async (signal) => await this.enter(signal),
      setCap: (bytesPerSecond) => void this.caps.push(bytesPerSecond),
      free: () => undefined,
    };
  }

  async close(): Promise<void> {}
}

function digestsOf(
  bytes: Buffer,
  start: number,
  cuts: readonly number[],
  algorithm: W.DigestAlgorithm,
): string[] {
  return cuts.map((cut, at) =>
    digestOf(algorithm, bytes.subarray((cuts[at - 1] ?? start) - start, cut - start)),
  );
}

/** CRC-32 stands for all of its kind. */
export function digestOf(algorithm: W.DigestAlgorithm, bytes: Buffer): string {
  if (algorithm === "sha256" || algorithm === "md5") return hash(algorithm, bytes);
  return crc32(bytes).toString(16).padStart(8, "0");
}

function readRange({ path, start, end }: W.FileRange): {
  bytes: Buffer;
  actual: FileStamp;
} {
  if (!existsSync(toFsPath(path))) throw new LonghaulError("path-missing", path);
  const fd = openSync(toFsPath(path), "r");
  try {
    const bytes = Buffer.alloc(end - start);
    const count = readSync(fd, bytes, 0, bytes.length, start);
    return {
      bytes: bytes.subarray(0, count),
      actual: toFileStamp(fstatSync(fd, { bigint: true })),
    };
  } finally {
    closeSync(fd);
  }
}

function writeRange(path: string, bytes: Buffer, at: number): void {
  const fd = openSync(toFsPath(path), "r+");
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}
