import { LonghaulError } from "#shared/errors.ts";
import { toDiskError } from "../disk/disk-errors.ts";
import { toFsPath } from "../disk/local-path.ts";
import { closeFile, openFile, statFile, syncData, TO_WRITE } from "./file-access.ts";

/** Descriptors this thread keeps open while nobody uses them. */
const MOST_IDLE_FILES = 32;

type OpenFile = {
  readonly path: string;
  readonly fd: Promise<number>;
  userCount: number;
  isForgotten: boolean;
  /** Resolves when the descriptor is closed. */
  readonly closed: PromiseWithResolvers<void>;
};

/**
 * The files that this thread writes, kept open between ranges. A file is known by its path: whoever
 * renames or removes one calls `close` first.
 */
export class OpenFiles {
  /** In order of last use. */
  readonly #files = new Map<string, OpenFile>();
  /** By path, what is being closed. */
  readonly #leaving = new Map<string, Promise<unknown>>();
  /** Files that could not be closed without an error: what was written may be lost. */
  readonly #lostWrites = new Map<string, unknown>();

  /**
   * Runs `action` with the open file, which stays open meanwhile.
   *
   * @throws {LonghaulError} as `toDiskError` for what is written.
   */
  async use<T>(path: string, action: (fd: number) => Promise<T>): Promise<T> {
    const file = this.#open(path);
    file.userCount += 1;
    try {
      return await action(await this.#descriptorOf(file));
    } catch (error) {
      throw toDiskError(error, path, "write");
    } finally {
      file.userCount -= 1;
      await this.#settle(file);
    }
  }

  /** fdatasync. After a failure nothing written since the last success may be trusted. */
  async sync(path: string): Promise<void> {
    // A close may be what says that a write was lost.
    await this.#leaving.get(path);
    const lost = this.#lostWrites.get(path);
    this.#lostWrites.delete(path);
    if (lost !== undefined) throw toDiskError(lost, path, "write");
    try {
      await this.use(path, (fd) => syncData(fd));
    } catch (error) {
      // The kernel tells a failed write once for each descriptor; a later sync of this one would succeed.
      await this.close(path);
      throw error;
    }
  }

  /** Resolves when the file is closed, after those who use it are done. */
  async close(path: string): Promise<void> {
    const file = this.#files.get(path);
    if (file === undefined) return;
    this.#forget(file);
    if (file.userCount === 0) await this.#settle(file);
    await file.closed.promise;
  }

  /** Those that nobody uses now; whoever uses one next opens it again. */
  async closeIdle(): Promise<void> {
    await this.#closeAllBut(0);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#files.keys()].map((path) => this.close(path)));
  }

  #open(path: string): OpenFile {
    const file = this.#files.get(path) ?? {
      path,
      fd: openTarget(path),
      userCount: 0,
      isForgotten: false,
      closed: Promise.withResolvers<void>(),
    };
    // Again at the end: the map is in order of use.
    this.#files.delete(path);
    this.#files.set(path, file);
    return file;
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
    const leaving = Promise.all([this.#leaving.get(file.path), file.closed.promise]);
    this.#leaving.set(file.path, leaving);
    try {
      const fd = await file.fd.catch(() => null);
      if (fd !== null) await closeFile(fd);
    } catch (error) {
      this.#lostWrites.set(file.path, error);
    } finally {
      file.closed.resolve();
      if (this.#leaving.get(file.path) === leaving) this.#leaving.delete(file.path);
    }
  }
}

async function openTarget(path: string): Promise<number> {
  const fd = await openFile(toFsPath(path), TO_WRITE);
  const stats = statFile(fd);
  if (stats.isFile()) return fd;
  await closeFile(fd);
  throw new LonghaulError("path-unsafe", `not a regular file: ${path}`, { details: { path } });
}
