import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { systemCode, toDiskError } from "#main/disk/disk-errors.ts";
import { isInside } from "#main/disk/is-below.ts";

export type Roots = {
  /** Absolute; null is the whole machine. */
  readonly folders: readonly string[] | null;
  /** The home of Longhaul: secrets and the journal are nobody's to browse, read or write. */
  readonly home: string;
};

/**
 * The path with every link followed, if it is below a root; what does not exist yet is judged by
 * its nearest parent that does. Judged by the real path, so no link and no `..` leads out.
 *
 * @throws {LonghaulError} `path-denied`, `invalid`; `path-missing` where `mustExist` and it does not.
 */
export async function checkPath(roots: Roots, path: string, mustExist: boolean): Promise<string> {
  if (!isAbsolute(path) || path.includes("\0")) {
    throw new LonghaulError("invalid", "a path must be absolute", { details: { path } });
  }
  if (roots.folders === null) return resolve(path);
  const real = await realOf(resolve(path), mustExist, path);
  const realRoots = await Promise.all(
    roots.folders.map((root) => realpath(root).catch(() => root)),
  );
  const realHome = await realpath(roots.home).catch(() => roots.home);
  if (realRoots.some((root) => isInside(root, real)) && !isInside(realHome, real)) return real;
  throw new LonghaulError("path-denied", `${path} is outside of what this page may see`, {
    details: { path, cause: "--root" },
  });
}

async function realOf(path: string, mustExist: boolean, asked: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if (mustExist) throw toDiskError(error, asked, "read");
    // What is there and has no real path is a link to nothing: writing would follow it.
    const isLink = await lstat(path).then(
      () => true,
      () => false,
    );
    if (isLink || systemCode(error) !== "ENOENT" || parent === path)
      throw toDiskError(error, asked, "read");
    return join(await realOf(parent, false, asked), basename(path));
  }
}
