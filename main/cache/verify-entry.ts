import { CrcMap } from "../bytes/crc-map.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import { MiB } from "../bytes/sizes.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import { findAt } from "../disk/stat-file.ts";
import type { MoveTools } from "../parts/ports.ts";
import { crcOfFile } from "../parts/prove-by-crc.ts";
import { proveByEtag } from "../parts/prove-by-etag.ts";
import type { ObjectInfo } from "../stores/store.ts";
import type { CacheJournal, KnownPiece } from "./cache-journal.ts";
import type { Entry } from "./entry.ts";
import { isOfVersion } from "./entry.ts";
import { piecesOf } from "./find-copy.ts";

/** Read and digested in one go; also the size of the pieces that are remembered. */
const PIECE_BYTES = 16 * MiB;
/** An origin's pieces up to this size are as good as ours. */
const FINE_BYTES = 64 * MiB;

export type Verdict =
  /** `pieces` are its digests, if they were not known before. */
  | {
      readonly kind: "right";
      readonly stamp: FileStamp;
      readonly pieces: readonly KnownPiece[] | null;
    }
  | { readonly kind: "damaged"; readonly stamp: FileStamp }
  /** Somebody's own doing: the file is another one now. */
  | { readonly kind: "changed" }
  | { readonly kind: "missing" }
  /** Nothing is known that its bytes could be compared with. */
  | { readonly kind: "unproven" };

export type VerifyPorts = {
  readonly journal: Pick<CacheJournal, "entryPieces">;
  /** To ask the origin with, as rarely as possible. */
  readonly open: (entry: Entry, signal: AbortSignal) => Promise<MoveTools>;
  /** SHA-256 of a stretch of a file, when it is its turn. */
  readonly digest: (path: string, range: ByteRange, signal: AbortSignal) => Promise<string>;
};

/**
 * Reads the file of an entry and compares it with the best digest that is known: our own of its
 * pieces, which were taken when it was right; else what the origin says.
 *
 * @throws {LonghaulError} when the file cannot be read, or the origin has to be asked and cannot;
 * AbortError.
 */
export async function verifyEntry(
  entry: Entry,
  ports: VerifyPorts,
  signal: AbortSignal,
): Promise<Verdict> {
  const stamp = await stampAt(entry.path);
  if (stamp === null) return { kind: "missing" };
  const isTouched = isTouchedByHand(entry, stamp);
  const wrong: Verdict = isTouched ? { kind: "changed" } : { kind: "damaged", stamp };
  if (Number(stamp.size) !== entry.sizeBytes) return wrong;
  const judged = await judge(entry, ports, signal);
  const after = await stampAt(entry.path);
  // What is being written to says nothing of itself.
  if (after === null || !isSameStamp(after, stamp)) return { kind: "changed" };
  if (judged === "wrong") return wrong;
  return judged === "unknown"
    ? { kind: "unproven" }
    : { kind: "right", stamp, pieces: judged.pieces };
}

/** A user's file that was written to is theirs; what changed below a file's own times is damage. */
function isTouchedByHand({ kind, stamp: known }: Entry, now: FileStamp): boolean {
  if (kind === "managed") return false;
  return known.mtimeNs !== now.mtimeNs || known.size !== now.size || known.ino !== now.ino;
}

async function stampAt(path: string): Promise<FileStamp | null> {
  const found = await findAt(path);
  return found?.isFile() === true ? toFileStamp(found) : null;
}

type Judged = "wrong" | "unknown" | { readonly pieces: readonly KnownPiece[] | null };

async function judge(entry: Entry, ports: VerifyPorts, signal: AbortSignal): Promise<Judged> {
  if (entry.sizeBytes === 0) return { pieces: null };
  const known = await piecesOf(entry, ports.journal);
  if (known !== null) {
    const isRight = (await findWrong(entry.path, known, ports, signal)).length === 0;
    if (!isRight) return "wrong";
    return { pieces: isFine(known) ? null : await digestAll(entry, ports, signal) };
  }
  const judged = await judgeByOrigin(entry, ports, signal);
  return judged === "right" ? { pieces: await digestAll(entry, ports, signal) } : judged;
}

async function judgeByOrigin(
  entry: Entry,
  ports: VerifyPorts,
  signal: AbortSignal,
): Promise<Judged | "right"> {
  const tools = await ports.open(entry, signal);
  const object = await statVersion(entry, tools, signal);
  if (!isOfVersion(entry, object)) return "unknown";
  const pieces = await tools.retry.run(null, () => tools.store.pieces(object, signal), signal);
  if (pieces !== null) {
    const wrong = await findWrong(entry.path, pieces, ports, signal);
    if (wrong.length > 0) return "wrong";
    return isFine(pieces) ? { pieces } : "right";
  }
  const crc = await tools.retry.run(null, () => tools.store.wholeCrc(object, signal), signal);
  if (crc !== null) {
    const found = await crcOfFile(new CrcMap(crc.algorithm), entry, tools, signal);
    return found === crc.crc ? "right" : "wrong";
  }
  const { isProven } = await proveByEtag(object, entry.path, tools, signal);
  if (isProven) return "right";
  // An ETag may be anything; one that once was the MD5 of these bytes is.
  return entry.rung === "md5-etag" ? "wrong" : "unknown";
}

/** The version that an entry is of, as far as the bucket keeps it; else the latest. */
export async function statVersion(
  { key, versionId }: Entry,
  { store, retry }: Pick<MoveTools, "store" | "retry">,
  signal: AbortSignal,
): Promise<ObjectInfo> {
  return await retry.run(null, () => store.stat(key, signal, versionId ?? undefined), signal);
}

/** The pieces whose bytes in a file are not theirs. */
export async function findWrong<T extends KnownPiece>(
  path: string,
  pieces: readonly T[],
  { digest }: Pick<VerifyPorts, "digest">,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const wrong: T[] = [];
  for (const piece of pieces) {
    if ((await digest(path, piece, signal)) !== piece.sha256) wrong.push(piece);
  }
  return wrong;
}

/** Small enough that to fetch one of them again is little. */
function isFine(pieces: readonly KnownPiece[]): boolean {
  return pieces.every(({ start, end }) => end - start <= FINE_BYTES);
}

/** Digests of a file that was just found to be right. */
export async function digestAll(
  { path, sizeBytes }: Pick<Entry, "path" | "sizeBytes">,
  { digest }: Pick<VerifyPorts, "digest">,
  signal: AbortSignal,
): Promise<readonly KnownPiece[]> {
  const pieces: KnownPiece[] = [];
  for (let start = 0; start < sizeBytes; start += PIECE_BYTES) {
    const range = { start, end: Math.min(sizeBytes, start + PIECE_BYTES) };
    pieces.push({ ...range, sha256: await digest(path, range, signal) });
  }
  return pieces;
}
