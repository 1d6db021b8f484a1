import { close, constants, fdatasync, fstatSync, open, read, write } from "node:fs";
import type { BigIntStats } from "node:fs";
import { promisify } from "node:util";
import { Semaphore } from "../flow/semaphore.ts";

/** File calls on plain descriptors: a FileHandle closes itself when it is collected, these do not. */
export const openFile = promisify(open);
export const closeFile = promisify(close);

/**
 * Calls of this thread that may wait for one disk at once. The system's threads that do them are
 * few and shared by all: a disk that hangs must leave some to the others.
 */
const MOST_WAITING_FOR_A_DISK = 3;
/** By the number of the disk; bounded by how many disks a machine has. */
const GATES = new Map<number, Semaphore>();
/** What is begun with a disk is done or hangs; nobody can take it back. */
const NEVER = new AbortController().signal;

const sync = promisify(fdatasync);

export async function syncData(fd: number): Promise<void> {
  await onDiskOf(fd, () => sync(fd));
}

async function onDiskOf<T>(fd: number, call: () => Promise<T>): Promise<T> {
  const { dev } = fstatSync(fd);
  const gate = GATES.get(dev) ?? new Semaphore(MOST_WAITING_FOR_A_DISK);
  GATES.set(dev, gate);
  const leave = await gate.acquire(NEVER);
  try {
    return await call();
  } finally {
    leave();
  }
}

/** At once: what an open file's inode says is in memory, and a trip to a thread costs ten times that. */
export function statFile(fd: number): BigIntStats {
  return fstatSync(fd, { bigint: true });
}

/** Never waits for the other end of a FIFO; constants that a system lacks count as nothing. */
const NEVER_WAIT = constants.O_NONBLOCK ?? 0;

export const TO_READ = constants.O_RDONLY | NEVER_WAIT;
/** A link planted in the place of a part file is refused. */
export const TO_WRITE = constants.O_WRONLY | NEVER_WAIT | (constants.O_NOFOLLOW ?? 0);

/** Reads at `position` until the buffer is full or the file ends; answers the bytes read. */
export async function readFully(fd: number, buffer: Uint8Array, position: number): Promise<number> {
  let doneBytes = 0;
  while (doneBytes < buffer.length) {
    const count = await readSome(fd, buffer.subarray(doneBytes), position + doneBytes);
    if (count === 0) break;
    doneBytes += count;
  }
  return doneBytes;
}

/** Writes the whole buffer at `position`: one write may take less than it was given, without an error. */
export async function writeFully(fd: number, buffer: Uint8Array, position: number): Promise<void> {
  let doneBytes = 0;
  while (doneBytes < buffer.length) {
    doneBytes += await writeSome(fd, buffer.subarray(doneBytes), position + doneBytes);
  }
}

async function readSome(fd: number, buffer: Uint8Array, position: number): Promise<number> {
  const reading = () =>
    new Promise<number>((resolve, reject) => {
      read(fd, buffer, 0, buffer.length, position, (error, count) =>
        error ? reject(error) : resolve(count),
      );
    });
  return await onDiskOf(fd, reading);
}

async function writeSome(fd: number, buffer: Uint8Array, position: number): Promise<number> {
  const writing = () =>
    new Promise<number>((resolve, reject) => {
      write(fd, buffer, 0, buffer.length, position, (error, count) =>
        error ? reject(error) : resolve(count),
      );
    });
  return await onDiskOf(fd, writing);
}
