import type { ByteRange } from "../bytes/byte-range.ts";
import type { MoveObserver, MoveStage, RetryNotice } from "../parts/ports.ts";
import { lengthOf } from "../bytes/byte-range.ts";

/** What one item under way has done so far; written by its mover, read by the sampler. */
export class ItemProgress implements MoveObserver {
  readonly sizeBytes: number;
  readonly #inFlight = new Set<ByteRange>();
  readonly #retries = new Map<number | null, RetryNotice>();
  readonly #countedBytes: number;
  #map: PartCells;
  #doneBytes = 0;
  #undoneBytes = 0;
  #readBackBytes = 0;
  #movedTwiceBytes = 0;
  #stage: MoveStage = "preparing";

  readonly #onMoved: () => void;

  /**
   * @param countedBytes Done by earlier runs, and counted in the transfer's totals already.
   * @param onMoved Told whenever bytes are done that no earlier run moved.
   */
  constructor(sizeBytes: number, countedBytes: number, onMoved: () => void = () => undefined) {
    this.sizeBytes = sizeBytes;
    this.#countedBytes = countedBytes;
    this.#onMoved = onMoved;
    this.#map = new PartCells(sizeBytes);
  }

  get doneBytes(): number {
    return this.#doneBytes;
  }

  get map(): PartCells {
    return this.#map;
  }

  /** What counts if it stops now: what earlier runs did, also while it is looked at again. */
  get restingBytes(): number {
    return Math.max(0, this.#doneBytes, this.#countedBytes - this.#undoneBytes);
  }

  /** What it has done beyond what is counted already; while it looks at that again, nothing. */
  get aheadBytes(): number {
    return Math.max(0, this.#doneBytes - this.#countedBytes);
  }

  get readBackBytes(): number {
    return this.#readBackBytes;
  }

  get movedTwiceBytes(): number {
    return this.#movedTwiceBytes;
  }

  get stageNow(): MoveStage {
    return this.#stage;
  }

  get inFlightRanges(): ReadonlySet<ByteRange> {
    return this.#inFlight;
  }

  /** Requests that wait to be repeated, the next one first. */
  get retries(): readonly RetryNotice[] {
    return [...this.#retries.values()].toSorted((a, b) => a.atMs - b.atMs);
  }

  stage(stage: MoveStage): void {
    this.#stage = stage;
  }

  started(range: ByteRange): void {
    this.#inFlight.add(range);
  }

  settled(range: ByteRange): void {
    this.#inFlight.delete(range);
  }

  done(range: ByteRange, isKept = false): void {
    this.#doneBytes += lengthOf(range);
    this.#map.add(range, 1);
    if (!isKept && lengthOf(range) > 0) this.#onMoved();
  }

  undone(range: ByteRange): void {
    this.#doneBytes -= lengthOf(range);
    this.#undoneBytes += lengthOf(range);
    this.#map.add(range, -1);
  }

  /** All it had done is lost; it begins anew. */
  restarted(): void {
    this.#doneBytes = 0;
    this.#undoneBytes = this.#countedBytes;
    this.#map = new PartCells(this.sizeBytes);
  }

  movedTwice(bytes: number): void {
    this.#movedTwiceBytes += bytes;
  }

  verified(doneBytes: number): void {
    this.#readBackBytes = doneBytes;
  }

  retrying(notice: RetryNotice): void {
    this.#retries.set(notice.part, notice);
  }

  retried(part: number | null): void {
    this.#retries.delete(part);
  }
}

const MAX_CELLS = 700;
const MAP_PART_BYTES = 16 * 1024 * 1024;

/** The part map of one item: bytes done per cell. A cell is one or more parts of 16 MiB. */
export class PartCells {
  readonly partCount: number;
  readonly partsPerCell: number;
  readonly #doneBytes: Float64Array;
  readonly #sizeBytes: number;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.partCount = Math.max(1, Math.ceil(sizeBytes / MAP_PART_BYTES));
    this.partsPerCell = Math.max(1, Math.ceil(this.partCount / MAX_CELLS));
    this.#doneBytes = new Float64Array(Math.ceil(this.partCount / this.partsPerCell));
  }

  get cellBytes(): number {
    return this.partsPerCell * MAP_PART_BYTES;
  }

  add(range: ByteRange, sign: 1 | -1): void {
    for (const cell of this.#cellsOf(range)) {
      const start = Math.max(range.start, cell * this.cellBytes);
      const end = Math.min(range.end, (cell + 1) * this.cellBytes);
      this.#doneBytes[cell] = (this.#doneBytes[cell] ?? 0) + sign * (end - start);
    }
  }

  /** One character a cell, as `TransferDetail.map.cells` says. */
  draw(inFlight: Iterable<ByteRange>, retrying: Iterable<ByteRange>): string {
    const cells = Array.from(this.#doneBytes, (done, cell) => this.#fill(done, cell));
    for (const range of inFlight) this.#mark(cells, range, ">");
    for (const range of retrying) this.#mark(cells, range, "!");
    return cells.join("");
  }

  #fill(doneBytes: number, cell: number): string {
    const size = Math.min(this.cellBytes, this.#sizeBytes - cell * this.cellBytes);
    if (doneBytes >= size) return "#";
    return doneBytes > 0 ? "-" : ".";
  }

  #mark(cells: string[], range: ByteRange, mark: string): void {
    for (const cell of this.#cellsOf(range)) if (cells[cell] !== "#") cells[cell] = mark;
  }

  *#cellsOf(range: ByteRange): Generator<number> {
    if (range.end <= range.start) return;
    const last = Math.min(this.#doneBytes.length, Math.ceil(range.end / this.cellBytes));
    for (let cell = Math.floor(range.start / this.cellBytes); cell < last; cell += 1) yield cell;
  }
}
