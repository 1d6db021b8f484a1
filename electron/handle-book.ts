import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import type { Picked } from "#shared/contract.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk } from "#main/disk/disk-errors.ts";
import { isInside } from "#main/disk/is-below.ts";

/** More than anybody drops in one session; the oldest are forgotten. */
const MAX_HANDLES = 100_000;

/**
 * What the window may touch: what a person dropped or picked, by handle, and the folder for
 * downloads. A page that went wrong cannot name a path of its own.
 */
export class HandleBook {
  readonly #paths = new Map<string, string>();
  /** Picked folders: they and what is below may be named by path, too. */
  readonly #folders = new Set<string>();

  /** The folder for downloads and those used before, from the host's own settings. */
  allowFolder(path: string): void {
    if (isAbsolute(path)) this.#folders.add(resolve(path));
  }

  /** A handle for a path that a person chose; null where nothing is there. */
  async grant(path: string): Promise<Picked | null> {
    const found = await stat(path).catch(() => null);
    if (found === null) return null;
    const handle = randomUUID();
    const [oldest] = this.#paths.keys();
    if (this.#paths.size >= MAX_HANDLES && oldest !== undefined) this.#paths.delete(oldest);
    this.#paths.set(handle, resolve(path));
    if (found.isDirectory()) this.#folders.add(resolve(path));
    return { ref: { handle }, path, kind: found.isDirectory() ? "folder" : "file" };
  }

  /** @throws {LonghaulError} `path-denied`, `path-missing`. */
  async resolveRef(ref: LocalRef, use: "read" | "write"): Promise<string> {
    const path = "handle" in ref ? this.#paths.get(ref.handle) : this.#named(ref.path);
    if (path === undefined) {
      throw new LonghaulError("path-denied", "the window was not given this file or folder", {
        details: "path" in ref ? { path: ref.path } : {},
      });
    }
    if (use === "read") await onDisk(path, "read", () => stat(path));
    return path;
  }

  /** A folder that a person chose, or the one for downloads. */
  hasFolder(path: string): boolean {
    return this.#named(path) !== undefined;
  }

  #named(path: string): string | undefined {
    if (!isAbsolute(path)) return undefined;
    const plain = resolve(path);
    return [...this.#folders].some((folder) => isInside(folder, plain)) ? plain : undefined;
  }
}
