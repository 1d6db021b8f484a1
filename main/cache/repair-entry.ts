import { dirname } from "node:path";
import { chmod } from "node:fs/promises";
import { LonghaulError } from "#shared/errors.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { RangeSet } from "../bytes/range-set.ts";
import type { CloneFile } from "../disk/clone-file.ts";
import { copyRanges } from "../disk/copy-ranges.ts";
import { onDisk } from "../disk/disk-errors.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import { flushFile } from "../disk/flush-file.ts";
import { toFsPath, toShownPath } from "../disk/local-path.ts";
import { createPartFile, intendPartFile, removePartFile } from "../disk/part-file.ts";
import type { PartFile } from "../disk/part-file.ts";
import { findAt } from "../disk/stat-file.ts";
import { fetchItem } from "../parts/fetch-item.ts";
import type { FetchItem, FetchJournal, MoveTools } from "../parts/ports.ts";
import type { FetchResume } from "../parts/resume.ts";
import type { ObjectInfo, Piece } from "../stores/store.ts";
import type { CacheJournal } from "./cache-journal.ts";
import type { Entry } from "./entry.ts";
import { idOf, isOfVersion, versionOf } from "./entry.ts";
import { piecesOf } from "./find-copy.ts";
import { isUnchanged } from "./is-unchanged.ts";
import { overlay } from "./overlay.ts";
import type { VerifyPorts } from "./verify-entry.ts";
import { digestAll, findWrong, statVersion } from "./verify-entry.ts";

export type RepairPorts = VerifyPorts & {
  readonly journal: Pick<CacheJournal, "commit" | "entryPieces">;
  readonly clone: CloneFile;
  readonly clock: MoveTools["clock"];
};

export type Repaired = {
  /** Came from the origin. */
  readonly fetchedBytes: number;
  /** Why it was not piece by piece, in words. */
  readonly note: string | null;
};

/**
 * Makes a damaged file right again. Its good pieces and those that are fetched come together in a
 * partial file beside it, which is compared as a whole and then takes the name from exactly the file
 * that was found damaged. The file itself is never written to.
 *
 * @param isNamed A person named this very file: it is repaired also if it was written to since.
 * @throws {LonghaulError} `object-changed` when the origin has that version no more; `source-changed`
 * when somebody wrote to the file; as `fetchItem`. AbortError.
 */
export async function repairEntry(
  entry: Entry,
  isNamed: boolean,
  ports: RepairPorts,
  signal: AbortSignal,
): Promise<Repaired> {
  const stamp = await stampOf(entry);
  if (!isNamed && !isSameStamp(stamp, entry.stamp)) throw changed(entry);
  const damage = await examine(entry, stamp, ports, signal);
  const { object, tools, bad } = damage;
  if (bad?.length === 0) return await restamp(entry, stamp, ports);
  const beside = new Beside(entry, object, ports);
  try {
    const resume = bad === null ? null : await beside.prepare(stamp, bad, signal);
    const order = { object, root: dirname(entry.path), path: entry.path, replaces: stamp };
    const item: FetchItem = { ...order, resume };
    await fetchItem(item, beside.journal, tools, signal);
  } catch (error) {
    await beside.discard();
    throw error;
  }
  await beside.named(damage.isKnown ? null : await digestAll(entry, ports, signal));
  if (bad === null) return { fetchedBytes: object.sizeBytes, note: wholeNote(entry, damage) };
  return { fetchedBytes: bad.reduce((sum, piece) => sum + lengthOf(piece), 0), note: null };
}

type Damage = {
  readonly object: ObjectInfo;
  /** With a store that has digests of pieces wherever anybody has. */
  readonly tools: MoveTools;
  /** The pieces that are wrong; null where nobody can tell. */
  readonly bad: readonly Piece[] | null;
  /** There are digests of its pieces. */
  readonly isKnown: boolean;
};

/** What is wrong with a file, by the finest digests that there are. */
async function examine(
  entry: Entry,
  stamp: FileStamp,
  ports: RepairPorts,
  signal: AbortSignal,
): Promise<Damage> {
  const tools = await ports.open(entry, signal);
  const object = await statVersion(entry, tools, signal);
  if (!isOfVersion(entry, object)) throw objectChanged(entry);
  const origin = await tools.retry.run(null, () => tools.store.pieces(object, signal), signal);
  const known = await piecesOf(entry, ports.journal);
  const pieces = finer(origin, known);
  const isWhole = Number(stamp.size) === object.sizeBytes;
  const canTell = pieces !== null && isWhole;
  const bad = canTell ? await findWrong(entry.path, pieces, ports, signal) : null;
  // Without digests at the origin the whole is still compared: with ours.
  const store =
    origin === null && known !== null
      ? overlay(tools.store, { pieces: async () => known })
      : tools.store;
  return { object, tools: { ...tools, store }, bad, isKnown: pieces !== null };
}

/** Pieces of both cover the same bytes; the smaller ones say more of where the damage is. */
function finer(
  origin: readonly Piece[] | null,
  known: readonly Piece[] | null,
): readonly Piece[] | null {
  if (origin === null || known === null) return origin ?? known;
  return known.length > origin.length ? known : origin;
}

/** It was right after all: somebody was faster, or a crash came after the last step. */
async function restamp(
  entry: Entry,
  stamp: FileStamp,
  { journal, clock }: RepairPorts,
): Promise<Repaired> {
  const now = await stampOf(entry);
  if (!isSameStamp(now, stamp)) throw changed(entry);
  const change = { stamp, trouble: null, verifiedAtMs: clock.wallMs() };
  const of = versionOf(entry);
  await journal.commit([{ type: "entry-changed", id: idOf(entry), change, of }]);
  return { fetchedBytes: 0, note: null };
}

async function stampOf({ path }: Entry): Promise<FileStamp> {
  const found = await findAt(path);
  if (found?.isFile() === true) return toFileStamp(found);
  throw new LonghaulError("path-missing", `${toShownPath(path)} is not there`, {
    details: { path: toShownPath(path) },
  });
}

/** The partial file beside a damaged one, noted in the journal before it is there. */
class Beside {
  readonly #entry: Entry;
  readonly #object: ObjectInfo;
  readonly #ports: RepairPorts;
  #noted: PartFile | null = null;
  #stamp: FileStamp | null = null;

  constructor(entry: Entry, object: ObjectInfo, ports: RepairPorts) {
    this.#entry = entry;
    this.#object = object;
    this.#ports = ports;
  }

  readonly journal: FetchJournal = {
    saved: async ({ part }) => await this.#note(part),
    named: (stamp) => void (this.#stamp = stamp),
  };

  /** With all good pieces in it. */
  async prepare(
    stamp: FileStamp,
    bad: readonly Piece[],
    signal: AbortSignal,
  ): Promise<FetchResume> {
    const { path } = this.#entry;
    const { etag, sizeBytes, versionId } = this.#object;
    const whole = { start: 0, end: sizeBytes };
    const good = RangeSet.of(...bad).missingIn(whole);
    const intended = intendPartFile(path, sizeBytes);
    await this.#note(intended);
    if (await this.#ports.clone(path, intended.path)) await flushFile(intended.path);
    else {
      await createPartFile(intended);
      await copyRanges(path, intended.path, good, signal);
    }
    await this.#keepMode(intended.path);
    const [stats, now] = await Promise.all([findAt(intended.path), stampOf(this.#entry)]);
    if (stats === undefined || !isSameStamp(now, stamp)) throw changed(this.#entry);
    const part = { ...intended, dev: String(stats.dev), ino: String(stats.ino) };
    await this.#note(part);
    const durable = good.map(({ start, end }) => ({ start, end }));
    return { etag, sizeBytes, versionId, part, stamp: toFileStamp(stats), durable, proven: [] };
  }

  /** The file is right, and has its name. @param pieces Of it, where none were known before. */
  async named(pieces: readonly Piece[] | null): Promise<void> {
    const id = idOf(this.#entry);
    const of = versionOf(this.#entry);
    const { clock, journal } = this.#ports;
    // What was written to it while it was read is not what was proven, and its digests prove nothing.
    if (pieces !== null && !(await this.#isUntouched())) this.#stamp = null;
    const change =
      this.#stamp === null
        ? { trouble: "changed" as const }
        : { stamp: this.#stamp, trouble: null, verifiedAtMs: clock.wallMs() };
    await journal.commit([
      ...(pieces === null || this.#stamp === null
        ? []
        : ([{ type: "pieces-put", id, pieces, of }] as const)),
      { type: "entry-changed", id, change, of },
      ...(this.#noted === null
        ? []
        : ([{ type: "intent-removed", path: this.#noted.path }] as const)),
    ]);
  }

  async #isUntouched(): Promise<boolean> {
    const { path } = this.#entry;
    return this.#stamp !== null && (await isUnchanged({ path, stamp: this.#stamp }));
  }

  /** What it came to is given up. Where that cannot be done now, the next start does it. */
  async discard(): Promise<void> {
    if (this.#noted === null) return;
    try {
      await removePartFile(this.#noted);
      await this.#ports.journal.commit([{ type: "intent-removed", path: this.#noted.path }]);
    } catch (error) {
      if (!(error instanceof LonghaulError)) throw error;
    }
  }

  async #note(part: PartFile): Promise<void> {
    const intent = { kind: "repairing", id: idOf(this.#entry), part } as const;
    const before = this.#noted?.path ?? null;
    this.#noted = part;
    await this.#ports.journal.commit([
      { type: "intent-put", path: part.path, intent },
      // An earlier one is gone: it was not the very file that was left.
      ...(before === null || before === part.path
        ? []
        : ([{ type: "intent-removed", path: before }] as const)),
    ]);
  }

  /** It takes the place of a file that has permissions of its own. */
  async #keepMode(path: string): Promise<void> {
    const stats = await findAt(this.#entry.path);
    if (stats === undefined) return;
    const mode = Number(stats.mode) & 0o777;
    await onDisk(path, "write", () => chmod(toFsPath(path), mode)).catch(() => undefined);
  }
}

function wholeNote({ path }: Entry, { isKnown }: Damage): string {
  const why = isKnown
    ? "it has another size"
    : "neither the origin nor this machine has digests of its pieces";
  return `${toShownPath(path)} was fetched as a whole: ${why}`;
}

function changed({ path }: Entry): LonghaulError {
  return new LonghaulError("source-changed", `${toShownPath(path)} was written to meanwhile`, {
    details: { path: toShownPath(path) },
  });
}

function objectChanged({ key }: Entry): LonghaulError {
  return new LonghaulError("object-changed", `${key} is another object at the origin now`, {
    details: { key },
  });
}
