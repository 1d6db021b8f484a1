import type { Unpacking } from "../archives/start-unpacking.ts";
import type { UnpackResult } from "../archives/unpack-order.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { RangeSet } from "../bytes/range-set.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { handOn } from "../parts/hand-on.ts";
import type { MoveObserver } from "../parts/ports.ts";

/**
 * An archive that is unpacked while it arrives. What comes out counts only once the archive is whole
 * and proven: until then it lies in the temporary folder, and whatever goes wrong with it is nothing
 * but a beginning that was in vain.
 */
export class UnpackAhead {
  readonly #sizeBytes: number;
  readonly #stop = new AbortController();
  #unpacking: Unpacking | null = null;
  #hasBegun = false;
  #arrived = RangeSet.empty;
  #toldBytes = 0;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  /**
   * Once, when it is known in which file the bytes arrive.
   *
   * @param start Null where it is better done afterwards.
   */
  async begin(start: (signal: AbortSignal) => Promise<Unpacking | null>): Promise<void> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#unpacking = await start(this.#stop.signal);
    this.#unpacking?.done.catch(() => undefined);
    this.#tell();
  }

  /** Hears of what arrives; everything is handed on. */
  watch(observer: MoveObserver): MoveObserver {
    return {
      ...handOn(observer),
      done: (range, isKept) => {
        observer.done(range, isKept);
        this.#take(range);
      },
      undone: (range) => {
        observer.undone(range);
        this.#undo(range);
      },
    };
  }

  /**
   * The archive has its name, whole and proven: what came out is put in place.
   *
   * @returns null where it is to be unpacked from the start, which also says what is wrong with it.
   */
  async finish(path: string, stamp?: FileStamp): Promise<UnpackResult | null> {
    const unpacking = this.#unpacking;
    if (unpacking === null || this.#stop.signal.aborted) return null;
    unpacking.moveTo(path);
    unpacking.end(stamp);
    return await unpacking.done.catch(() => null);
  }

  /** Resolves when nothing of it is left, unless it is finished. */
  async cancel(): Promise<void> {
    this.#stop.abort();
    await this.#unpacking?.done.catch(() => undefined);
  }

  /** What arrives twice was begun anew: what was read of it may have been something else. */
  #take(range: ByteRange): void {
    const isNew =
      this.#arrived.add(range).totalBytes === this.#arrived.totalBytes + lengthOf(range);
    if (!isNew) this.#stop.abort();
    this.#arrived = this.#arrived.add(range);
    this.#tell();
  }

  /** What was read already of bytes that turned out to be wrong cannot be taken back. */
  #undo(range: ByteRange): void {
    this.#arrived = this.#arrived.remove(range);
    if (range.start < this.#toldBytes) this.#stop.abort();
  }

  /** All from the start without a gap. */
  #tell(): void {
    const [gap] = this.#arrived.missingIn({ start: 0, end: this.#sizeBytes });
    const wholeBytes = gap?.start ?? this.#sizeBytes;
    if (this.#unpacking === null || wholeBytes <= this.#toldBytes) return;
    this.#toldBytes = wholeBytes;
    this.#unpacking.grow(wholeBytes);
  }
}
