import { LonghaulError } from "#shared/errors.ts";
import { badArchive, badEntry } from "./bad-archive.ts";
import type { UnpackLimits } from "./unpack-order.ts";

export type Room = {
  /** Of the file system, that may be used. */
  readonly freeBytes: number;
  readonly folder: string;
};

/** Counts what one archive takes, and refuses it before it takes more than it may. */
export class UnpackMeter {
  readonly #limits: UnpackLimits;
  readonly #room: Room;
  #entryCount = 0;
  #totalBytes = 0;

  constructor(limits: UnpackLimits, room: Room) {
    this.#limits = limits;
    this.#room = room;
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** One more of any kind, skipped ones too. @throws {LonghaulError} `bad-archive`. */
  entry(): void {
    this.#entryCount += 1;
    if (this.#entryCount > this.#limits.entries) {
      throw badArchive(`has more than ${this.#limits.entries} entries`);
    }
  }

  /**
   * That many bytes are about to be written, in all or for one entry.
   *
   * @throws {LonghaulError} `bad-archive` over the limit, `disk-full` over what is free.
   */
  assertRoom(bytes: number, entry: string): void {
    const neededBytes = this.#totalBytes + bytes;
    if (neededBytes > this.#limits.totalBytes) {
      throw badEntry(entry, `takes it over ${this.#limits.totalBytes} bytes in all`);
    }
    const { folder: path, freeBytes } = this.#room;
    if (neededBytes <= freeBytes) return;
    throw new LonghaulError("disk-full", `${path} has room for ${freeBytes} of ${neededBytes} B`, {
      details: { path, neededBytes, freeBytes },
    });
  }

  written(bytes: number): void {
    this.#totalBytes += bytes;
  }

  /** @throws {LonghaulError} `bad-archive` for what grows beyond all reason. */
  assertRatio(inBytes: number, outBytes: number, entry?: string): void {
    const { ratio, ratioFreeBytes } = this.#limits;
    if (outBytes <= ratioFreeBytes || outBytes <= inBytes * ratio) return;
    const why = `grows to more than ${ratio} times its size`;
    throw entry === undefined ? badArchive(why) : badEntry(entry, why);
  }
}
