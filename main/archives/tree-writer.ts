import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  futimesSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { toDiskError } from "../disk/disk-errors.ts";
import { toFsPath } from "../disk/local-path.ts";
import type { NamePlatform } from "../disk/safe-name.ts";
import { syncFolder } from "../disk/sync-folder.ts";
import { badEntry } from "./bad-archive.ts";
import { EntryClaims } from "./entry-claims.ts";
import { entryPath } from "./entry-name.ts";
import type { EntryHead, EntrySink } from "./entry-sink.ts";
import { FlushQueue } from "./flush-queue.ts";
import { assertLinkInside } from "./link-target.ts";
import type { SkippedKind, UnpackedEntry, UnpackLimits } from "./unpack-order.ts";
import type { UnpackMeter } from "./unpack-meter.ts";

/** No set-user-id, no set-group-id, nothing for others to write. */
const ALLOWED_MODE = 0o755;
/** What this user must be able to do with it to read it back, or to remove it. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** The year 2446, in which ext4 ends; before 1970 some systems cannot say. */
const LAST_TIME_MS = 15_032_385_535_000;
/** Entries told of at once. */
const BATCH = 1000;
/** Folders flushed at once. */
const MOST_FLUSHES = 4;

type TreeOptions = {
  readonly limits: UnpackLimits;
  readonly links: "skip" | "inside";
  readonly platform: NamePlatform;
  readonly meter: UnpackMeter;
  readonly onEntries: (entries: readonly UnpackedEntry[]) => void;
};

type OpenFile = {
  readonly path: string;
  readonly fd: number;
  readonly modifiedAtMs: number | null;
  /** Null where the archive does not say. */
  readonly sizeBytes: number | null;
  writtenBytes: number;
};
type Timed = { readonly path: string; readonly modifiedAtMs: number | null };

/**
 * Writes the entries of one archive below a folder of its own. It does so at once, in the calling
 * thread, which is one of ours: a call of the system takes less time than handing it to another
 * thread. Only flushes wait for the disk, and those go on behind its back.
 */
export class TreeWriter implements EntrySink {
  readonly #tree: string;
  readonly #options: TreeOptions;
  readonly #queue: FlushQueue;
  readonly #claims = new EntryClaims();
  readonly #skipped = new Map<SkippedKind, number>();
  /** All that were made, and those with a time of their own. */
  readonly #folders: string[] = [];
  readonly #folderTimes: Timed[] = [];
  readonly #links: (Timed & { readonly target: string })[] = [];
  #file: OpenFile | null = null;
  #batch: UnpackedEntry[] = [];
  #counts = { file: 0, folder: 0, link: 0 };

  constructor(tree: string, options: TreeOptions, queue = new FlushQueue()) {
    this.#tree = tree;
    this.#options = options;
    this.#queue = queue;
  }

  get counts(): { readonly file: number; readonly folder: number; readonly link: number } {
    return this.#counts;
  }

  get skipped(): Partial<Record<SkippedKind, number>> {
    return Object.fromEntries(this.#skipped);
  }

  get isFull(): boolean {
    return this.#queue.isFull;
  }

  async room(): Promise<void> {
    await this.#queue.room();
  }

  begin(head: EntryHead): void {
    this.#options.meter.entry();
    switch (head.kind) {
      case "folder":
        return this.#folder(head);
      case "file":
        return this.#beginFile(head);
      case "symlink":
        return this.#symlink(head);
      case "hardlink":
        return this.#hardlink(head);
      case "device":
      case "fifo":
      case "socket":
      case "label":
        return this.#skip(head.kind, head);
      default:
        return head.kind satisfies never;
    }
  }

  data(chunk: Buffer): void {
    const file = this.#file;
    if (file === null) throw new Error("bytes of no file");
    const { sizeBytes, path } = file;
    if (sizeBytes !== null && file.writtenBytes + chunk.length > sizeBytes) {
      throw badEntry(path, `has more than the ${sizeBytes} bytes that it is to have`);
    }
    this.#options.meter.assertRoom(chunk.length, path);
    this.#onDisk(path, () => {
      for (let at = 0; at < chunk.length;) at += writeSync(file.fd, chunk, at);
    });
    file.writtenBytes += chunk.length;
    this.#options.meter.written(chunk.length);
  }

  end(): void {
    const file = this.#file;
    if (file === null) throw new Error("the end of no file");
    const { path, sizeBytes, writtenBytes } = file;
    if (sizeBytes !== null && writtenBytes !== sizeBytes) {
      throw badEntry(path, `has ${writtenBytes} of the ${sizeBytes} bytes that it is to have`);
    }
    this.#settleFile(file);
  }

  /** All that had to wait for the files, and all of it durable. */
  async finish(signal: AbortSignal): Promise<void> {
    for (const link of this.#links) this.#makeLink(link);
    for (const { path, modifiedAtMs } of this.#folderTimes.toReversed()) {
      if (modifiedAtMs !== null) this.#onDisk(path, () => this.#setTime(path, modifiedAtMs));
    }
    for (const path of this.#folders) this.#tell("folder", path, lstatSync(this.#at(path)));
    this.#send();
    await this.#queue.drain();
    const folders = ["", ...this.#folders].values();
    await Promise.all(Array.from({ length: MOST_FLUSHES }, () => this.#flush(folders, signal)));
  }

  /** Lets go of every descriptor. */
  async close(): Promise<void> {
    if (this.#file !== null) closeSync(this.#file.fd);
    this.#file = null;
    await this.#queue.abandon();
  }

  #folder(head: EntryHead): void {
    const path = entryPath(head.name, "folder", this.#options);
    const mode = ((head.mode ?? ALLOWED_MODE) & ALLOWED_MODE) | FOLDER_MODE;
    this.#makeFolders(this.#claims.claimFolder(path), path, mode);
    if (path !== "") this.#folderTimes.push({ path, modifiedAtMs: clamped(head.modifiedAtMs) });
  }

  #beginFile(head: EntryHead): void {
    const path = this.#claim(head);
    this.#options.meter.assertRoom(head.sizeBytes ?? 0, head.name);
    const mode = head.mode === null ? 0o666 : (head.mode & ALLOWED_MODE) | FILE_MODE;
    const fd = this.#onDisk(path, () => openSync(this.#at(path), CREATE, mode));
    const { sizeBytes } = head;
    const modifiedAtMs = clamped(head.modifiedAtMs);
    this.#file = { path, fd, modifiedAtMs, sizeBytes, writtenBytes: 0 };
  }

  #settleFile(file: OpenFile): void {
    const { path, fd, modifiedAtMs } = file;
    const stats = this.#onDisk(path, () => {
      if (modifiedAtMs !== null) futimesSync(fd, modifiedAtMs / 1000, modifiedAtMs / 1000);
      return fstatSync(fd);
    });
    this.#file = null;
    this.#queue.add(fd, path);
    this.#tell("file", path, stats);
  }

  /** Its path, with the folders on its way made. */
  #claim(head: EntryHead): string {
    const path = entryPath(head.name, "file", this.#options);
    this.#makeFolders(this.#claims.claimFile(path), path, ALLOWED_MODE | 0o777);
    return path;
  }

  #makeFolders(paths: readonly string[], last: string, mode: number): void {
    for (const path of paths) {
      const options = { mode: path === last ? mode : 0o777 };
      this.#onDisk(path, () => mkdirSync(this.#at(path), options));
      this.#folders.push(path);
    }
  }

  /** Its name is taken nevertheless: nothing is to lie where the archive has a way elsewhere. */
  #skip(kind: SkippedKind, head: EntryHead): void {
    if (kind !== "label") {
      const path = entryPath(head.name, "file", this.#options);
      this.#makeFolders(this.#claims.claimFile(path), path, 0o777);
    }
    this.#skipped.set(kind, (this.#skipped.get(kind) ?? 0) + 1);
  }

  /** Made last of all, so that nothing is written through one. */
  #symlink(head: EntryHead): void {
    if (this.#options.links === "skip") return this.#skip("symlink", head);
    if (Buffer.byteLength(head.target) > this.#options.limits.nameBytes) {
      throw badEntry(head.name, "is a link to a name that is too long");
    }
    const path = this.#claim(head);
    assertLinkInside(path, head.target);
    this.#links.push({ path, target: head.target, modifiedAtMs: clamped(head.modifiedAtMs) });
  }

  /** A copy of what it names, which must have come before. */
  #hardlink(head: EntryHead): void {
    if (this.#options.links === "skip") return this.#skip("hardlink", head);
    const source = entryPath(head.target, "file", this.#options);
    const path = this.#claim(head);
    if (!this.#claims.hasFile(source) || source === path) {
      throw badEntry(head.name, "is a link to what the archive does not have before it");
    }
    const stats = lstatSync(this.#at(source), { throwIfNoEntry: false });
    // A link that was skipped, or is to be made, is not there.
    if (stats?.isFile() !== true) return this.#countSkipped("hardlink");
    this.#options.meter.assertRoom(stats.size, head.name);
    const fd = this.#onDisk(path, () => {
      const flags = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
      copyFileSync(this.#at(source), this.#at(path), flags);
      return openSync(this.#at(path), "r+");
    });
    this.#options.meter.written(stats.size);
    const { size: sizeBytes, mtimeMs: modifiedAtMs } = stats;
    this.#settleFile({ path, fd, modifiedAtMs, sizeBytes, writtenBytes: sizeBytes });
  }

  #countSkipped(kind: SkippedKind): void {
    this.#skipped.set(kind, (this.#skipped.get(kind) ?? 0) + 1);
  }

  #makeLink({ path, target, modifiedAtMs }: Timed & { readonly target: string }): void {
    const at = this.#at(path);
    const stats = this.#onDisk(path, () => {
      symlinkSync(target, at);
      if (modifiedAtMs !== null) lutimesSync(at, modifiedAtMs / 1000, modifiedAtMs / 1000);
      return lstatSync(at);
    });
    this.#tell("link", path, stats);
  }

  #setTime(path: string, modifiedAtMs: number): void {
    utimesSync(this.#at(path), modifiedAtMs / 1000, modifiedAtMs / 1000);
  }

  #tell(
    kind: UnpackedEntry["kind"],
    path: string,
    stats: { readonly size: number; readonly mtimeMs: number },
  ): void {
    this.#counts[kind] += 1;
    const sizeBytes = kind === "folder" ? 0 : stats.size;
    this.#batch.push({ kind, path, sizeBytes, modifiedAtMs: Math.floor(stats.mtimeMs) });
    if (this.#batch.length >= BATCH) this.#send();
  }

  #send(): void {
    if (this.#batch.length > 0) this.#options.onEntries(this.#batch);
    this.#batch = [];
  }

  async #flush(paths: Iterator<string>, signal: AbortSignal): Promise<void> {
    for (let next = paths.next(); next.done !== true; next = paths.next()) {
      signal.throwIfAborted();
      await syncFolder(join(this.#tree, next.value));
    }
  }

  #at(path: string): string | Buffer {
    return toFsPath(join(this.#tree, path));
  }

  #onDisk<T>(path: string, effect: () => T): T {
    try {
      return effect();
    } catch (error) {
      throw toDiskError(error, join(this.#tree, path), "write");
    }
  }
}

/** Undefined on Windows: O_NOFOLLOW; O_EXCL alone refuses a link. */
const CREATE =
  constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);

function clamped(timeMs: number | null): number | null {
  if (timeMs === null || Number.isNaN(timeMs)) return null;
  return Math.min(Math.max(timeMs, 0), LAST_TIME_MS);
}
