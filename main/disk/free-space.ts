import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { GiB } from "../bytes/sizes.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { systemCode, toDiskError } from "./disk-errors.ts";
import { toFsPath, toShownPath } from "./local-path.ts";

/**
 * Calls that make and name files on one disk at once. The system's threads that do them are few: a
 * disk that hangs must leave some to everything else.
 */
const MOST_WAITING_FOR_A_DISK = 4;

/** Room on one file system. A hint: quotas and copy-on-write make every system overstate it. */
export type Volume = {
  /** Tells file systems apart; not the same after a restart. */
  readonly id: string;
  /** Free for this user. */
  readonly freeBytes: number;
  readonly totalBytes: number;
};

export interface Reservation {
  /**
   * Promises so many bytes in all; no fewer than now.
   *
   * @throws {LonghaulError} `disk-full` as `reserve`; `folder-missing` where another file system is
   * in the folder's place now.
   */
  growTo(bytes: number): Promise<void>;
  /** @throws {LonghaulError} `folder-missing` as `growTo`. */
  look(): Promise<void>;
  /** Bounds what waits for that disk at once, over all transfers. */
  readonly gate: Semaphore;
  /** Promises at most so many from now on. */
  shrinkTo(bytes: number): void;
  /** That many more bytes have landed: the file system itself accounts for them now. */
  used(bytes: number): void;
  /** Gives back what is left. Safe to call twice. */
  release(): void;
}

export type FreeSpace = {
  readonly freeBytes: number;
  /** Of those: promised to running transfers, or kept free. */
  readonly reservedBytes: number;
};

/**
 * Promises of room on every file system, so that transfers side by side do not each count the same
 * free bytes. One per engine.
 */
export class SpaceLedger {
  readonly #promised = new Map<string, number>();
  /** By volume; bounded by how many disks a machine has. */
  readonly #gates = new Map<string, Semaphore>();
  readonly #readVolume: (folder: string) => Promise<Volume>;

  constructor(readVolume: (folder: string) => Promise<Volume> = readVolumeOf) {
    this.#readVolume = readVolume;
  }

  /**
   * Promises `bytes` in `folder`, which need not exist yet.
   *
   * @throws {LonghaulError} `disk-full` with `neededBytes`, and `freeBytes` as far as they may be used.
   */
  async reserve(folder: string, bytes: number): Promise<Reservation> {
    const volume = await this.#readVolume(folder);
    this.#assertRoom(volume, folder, { neededBytes: bytes, moreBytes: bytes });
    return this.#promise(volume.id, folder, bytes);
  }

  /** Whether `bytes` could be promised in `folder` now. @throws as `reserve`, but for `disk-full`. */
  async hasRoom(folder: string, bytes: number): Promise<boolean> {
    return (await this.lackingBytes(folder, bytes)) === 0;
  }

  /** How many of `bytes` could not be promised in `folder` now. @throws as `hasRoom`. */
  async lackingBytes(folder: string, bytes: number): Promise<number> {
    const { id, freeBytes, totalBytes } = await this.#readVolume(folder);
    return Math.max(0, bytes + this.#reservedOn({ id, totalBytes }) - freeBytes);
  }

  /** Of the file system that holds `folder` or its nearest parent. */
  async measure(folder: string): Promise<FreeSpace> {
    const volume = await this.#readVolume(folder);
    const reservedBytes = Math.min(volume.freeBytes, this.#reservedOn(volume));
    return { freeBytes: volume.freeBytes, reservedBytes };
  }

  #usableBytes(volume: Volume): number {
    return Math.max(0, volume.freeBytes - this.#reservedOn(volume));
  }

  #assertRoom(
    volume: Volume,
    folder: string,
    { neededBytes, moreBytes }: { readonly neededBytes: number; readonly moreBytes: number },
  ): void {
    const usableBytes = this.#usableBytes(volume);
    if (moreBytes <= usableBytes) return;
    throw tooFull(folder, neededBytes, usableBytes + neededBytes - moreBytes);
  }

  #reservedOn(volume: Pick<Volume, "id" | "totalBytes">): number {
    return keptFreeBytes(volume.totalBytes) + (this.#promised.get(volume.id) ?? 0);
  }

  #promise(id: string, folder: string, bytes: number): Reservation {
    let leftBytes = 0;
    const change = (byBytes: number): void => {
      leftBytes += byBytes;
      this.#change(id, byBytes);
    };
    change(bytes);
    const used = (byBytes: number): void => change(-Math.min(byBytes, leftBytes));
    const look = async (): Promise<Volume> => {
      const volume = await this.#readVolume(folder);
      if (volume.id !== id) throw elsewhere(folder);
      return volume;
    };
    const gate = this.#gates.get(id) ?? new Semaphore(MOST_WAITING_FOR_A_DISK);
    this.#gates.set(id, gate);
    return {
      gate,
      used,
      release: () => used(leftBytes),
      shrinkTo: (toBytes) => used(Math.max(0, leftBytes - toBytes)),
      look: async () => void (await look()),
      growTo: async (toBytes) => {
        if (toBytes <= leftBytes) return;
        const volume = await look();
        const moreBytes = toBytes - leftBytes;
        this.#assertRoom(volume, folder, { neededBytes: toBytes, moreBytes });
        change(Math.max(0, moreBytes));
      },
    };
  }

  #change(id: string, byBytes: number): void {
    const bytes = (this.#promised.get(id) ?? 0) + byBytes;
    if (bytes === 0) this.#promised.delete(id);
    else this.#promised.set(id, bytes);
  }
}

/** What is left free for everything else on the machine: max(1 GiB, 1 %), at most a tenth of a small volume. */
export function keptFreeBytes(totalBytes: number): number {
  return Math.floor(Math.min(Math.max(GiB, totalBytes / 100), totalBytes / 10));
}

/** The file system of `folder`, or of its nearest parent that exists. */
export async function readVolumeOf(folder: string): Promise<Volume> {
  try {
    const [{ dev }, { bsize, bavail, blocks }] = await Promise.all([
      stat(toFsPath(folder)),
      statfs(toFsPath(folder)),
    ]);
    return { id: String(dev), freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch (error) {
    const parent = dirname(folder);
    if (systemCode(error) === "ENOENT" && parent !== folder) return await readVolumeOf(parent);
    throw toDiskError(error, folder, "write");
  }
}

function tooFull(folder: string, neededBytes: number, freeBytes: number): LonghaulError {
  const path = toShownPath(folder);
  return new LonghaulError("disk-full", `${path} has room for ${freeBytes} of ${neededBytes} B`, {
    details: { path, neededBytes, freeBytes },
  });
}

/** Its disk was taken away, and the folder that it was shown in is on another one. */
function elsewhere(folder: string): LonghaulError {
  const path = toShownPath(folder);
  return new LonghaulError("folder-missing", `${path} is on another disk than before`, {
    details: { path, cause: "other-disk" },
  });
}
