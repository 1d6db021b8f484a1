import { LonghaulError } from "#shared/errors.ts";
import { toDiskError } from "../disk/disk-errors.ts";
import { toFsPath } from "../disk/local-path.ts";
import { closeFile, openFile, statFile, syncData, TO_WRITE } from "./file-access.ts";

/** Descriptors this thread keeps open while nobody uses them. */
const MOST_IDLE_FILES = 32;

/** What is done with the system's files; tests put their own in place. */
export type FileCalls = {
  /** @returns a descriptor to write with. */
  readonly open: (path: string) => Promise<number>;
  readonly sync: (fd: number) => Promise<void>;
  readonly close: (fd: number) => Promise<void>;
};

const SYSTEM: FileCalls = { open: openTarget, sync: syncData, close: closeFile };

type OpenFile = {
  readonly path: string;
  readonly fd: Promise<number>;
  userCount: number;
  isForgotten: boolean;
  /** Counts the beginnings and the ends of uses: of what began or ended since, nothing is durable. */
  useCount: number;
  /** What it was at the last flush that succeeded. */
  durableUseCount: number;
  /** The flush that failed: of those under way meanwhile, some bytes are gone, too. */
  failure: Error | null;
  /** Resolves when the descriptor is closed. */
  readonly closed: PromiseWithResolvers<void>;
};

/**
 * The files that this thread writes, kept open between ranges. A file is known by its path: whoever
 * renames or removes one calls `close` first. None is closed before what was written is flushed, so
 * that no lost write goes unnoticed: the system tells of it once, and to an open descriptor only.
 */
export class OpenFiles {
  readonly #calls: FileCalls;
  /** In order of last use. */
  readonly #files = new Map<string, OpenFile>();
  /** Being closed. */
  readonly #leaving = new Set<OpenFile>();
  /** Files that could not be flushed or closed without an error: what was written may be lost. */
  readonly #lostWrites = new Map<string, unknown>();

  constructor(calls: FileCalls = SYSTEM) {
    this.#calls = calls;
  }

  /**
   * Runs `action`, which writes, with the open file; it stays open meanwhile.
   *
   * @throws {LonghaulError} as `toDiskError` for what is written.
   */
  async use<T>(path: string, action: (fd: number) => Promise<T>): Promise<T> {
    const file = this.#open(path);
    file.userCount += 1;
    file.useCount += 1;
    try {
      const result = await action(await this.#descriptorOf(file));
      if (file.failure !== null) throw file.failure;
      return result;
    } catch (error) {
      throw toDiskError(error, path, "write");
    } finally {
      file.useCount += 1;
      file.userCount -= 1;
      await this.#settle(file);
    }
  }

  /**
   * Makes what this thread wrote durable (fdatasync). After a failure nothing written since the last
   * success may be trusted.
   *
   * @param isOthers Flushes also what somebody else wrote.
   */
  async sync(path: string, isOthers = false): Promise<void> {
    // At once: from now on it stays open until it is flushed, whoever closes it meanwhile.
    const file = isOthers ? this.#open(path) : this.#files.get(path);
    if (file !== undefined) file.userCount += 1;
    try {
      await this.#left(path);
      this.#throwLost(path);
      // What this thread wrote and is not open was flushed when it was closed.
      if (file === undefined) return;
      if (isOthers) await this.#descriptorOf(file);
      await this.#flush(file);
    } catch (error) {
      // The kernel tells a failed write once for each descriptor; a later sync of this one would succeed.
      if (file !== undefined) {
        file.failure = error instanceof Error ? error : new Error(String(error));
        this.#forget(file);
      }
      throw toDiskError(error, path, "write");
    } finally {
      if (file !== undefined) await this.#give(file, isOthers);
    }
  }

  /**
   * Resolves when the file is closed, after those who use it are done.
   *
   * @throws {LonghaulError} as `sync`: what was not flushed before could not be.
   */
  async close(path: string): Promise<void> {
    const file = this.#files.get(path);
    if (file !== undefined) {
      this.#forget(file);
      if (file.userCount === 0) await this.#settle(file);
      await file.closed.promise;
    }
    await this.#left(path);
    this.#throwLost(path);
  }

  /** Those that nobody uses now; whoever uses one next opens it again. */
  async closeIdle(): Promise<void> {
    await this.#closeAllBut(0);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#files.keys()].map((path) => this.close(path)));
  }

  #open(path: string): OpenFile {
    const file = this.#files.get(path) ?? this.#opening(path);
    // Again at the end: the map is in order of use.
    this.#files.delete(path);
    this.#files.set(path, file);
    return file;
  }

  #opening(path: string): OpenFile {
    const fd = this.#calls.open(path);
    // Whoever waits for it gets the error, and may not wait yet.
    fd.catch(() => undefined);
    return {
      path,
      fd,
      userCount: 0,
      isForgotten: false,
      useCount: 0,
      durableUseCount: 0,
      failure: null,
      closed: Promise.withResolvers<void>(),
    };
  }

  async #descriptorOf(file: OpenFile): Promise<number> {
    try {
      return await file.fd;
    } catch (error) {
      // The next one tries to open it again.
      this.#forget(file);
      throw error;
    }
  }

  #forget(file: OpenFile): void {
    file.isForgotten = true;
    if (this.#files.get(file.path) === file) this.#files.delete(file.path);
  }

  async #flush(file: OpenFile): Promise<void> {
    const fd = await file.fd.catch(() => null);
    // Through what could not be opened nothing was written.
    if (fd === null) return;
    const { useCount } = file;
    await this.#calls.sync(fd);
    file.durableUseCount = Math.max(file.durableUseCount, useCount);
  }

  /** @param isOver Nobody writes it: it was opened for a flush alone. */
  async #give(file: OpenFile, isOver: boolean): Promise<void> {
    file.userCount -= 1;
    if (isOver && file.useCount === 0) this.#forget(file);
    await this.#settle(file);
  }

  async #settle(file: OpenFile): Promise<void> {
    if (file.userCount > 0) return;
    if (file.isForgotten) await this.#shut(file);
    else if (this.#files.size > MOST_IDLE_FILES) await this.#closeAllBut(MOST_IDLE_FILES);
  }

  /** Of the idle ones, those used last stay. */
  async #closeAllBut(keptCount: number): Promise<void> {
    const idle = [...this.#files.values()].filter((file) => file.userCount === 0);
    const surplus = idle.slice(0, Math.max(0, idle.length - keptCount));
    for (const file of surplus) this.#forget(file);
    await Promise.all(surplus.map((file) => this.#shut(file)));
  }

  async #shut(file: OpenFile): Promise<void> {
    if (this.#leaving.has(file)) return await file.closed.promise;
    this.#leaving.add(file);
    const fd = await file.fd.catch(() => null);
    try {
      const isDirty = file.durableUseCount < file.useCount;
      if (isDirty && file.failure === null) await this.#flush(file);
    } catch (error) {
      this.#lostWrites.set(file.path, error);
    }
    try {
      if (fd !== null) await this.#calls.close(fd);
    } catch (error) {
      this.#lostWrites.set(file.path, error);
    }
    this.#leaving.delete(file);
    file.closed.resolve();
  }

  /** Resolves when none of this path is being closed any more. */
  async #left(path: string): Promise<void> {
    const leaving = [...this.#leaving].filter((file) => file.path === path);
    if (leaving.length === 0) return;
    await Promise.all(leaving.map(({ closed }) => closed.promise));
    await this.#left(path);
  }

  #throwLost(path: string): void {
    const lost = this.#lostWrites.get(path);
    this.#lostWrites.delete(path);
    if (lost !== undefined) throw toDiskError(lost, path, "write");
  }
}

async function openTarget(path: string): Promise<number> {
  const fd = await openFile(toFsPath(path), TO_WRITE);
  try {
    if (statFile(fd).isFile()) return fd;
  } catch (error) {
    await closeFile(fd);
    throw error;
  }
  await closeFile(fd);
  throw new LonghaulError("path-unsafe", `not a regular file: ${path}`, { details: { path } });
}
