import { realpath } from "node:fs/promises";
import { dirname, sep } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk, systemCode } from "./disk-errors.ts";
import { fromLatin1Name, toFsPath, toShownPath } from "./local-path.ts";
import { SharedEffect } from "./shared-effect.ts";

/**
 * Makes sure that `path`, which need not exist, is below `root` once every link on the way is
 * followed.
 *
 * @throws {LonghaulError} `path-unsafe` when a link leads out; `folder-missing` when there is no root.
 */
export async function assertBelow(root: string, path: string): Promise<void> {
  const near = await onDisk(path, "write", () => nearestReal(path));
  // Without a link on the way it is where its name says, and one look is enough.
  if (fromLatin1Name(near.real) === near.path && isInside(root, near.path)) return;
  const realRoot = await onDisk(root, "write", () => realOf(root));
  if (isInside(realRoot, near.real)) return;
  throw new LonghaulError("path-unsafe", `${toShownPath(path)} leads out of ${toShownPath(root)}`, {
    details: { path: toShownPath(path) },
  });
}

/** Both absolute and free of links. */
export function isInside(realRoot: string, realPath: string): boolean {
  const root = realRoot.endsWith(sep) ? realRoot : `${realRoot}${sep}`;
  return realPath === realRoot || realPath.startsWith(root);
}

/** Files of one folder that begin or end together share each look at it. */
const REALS = new SharedEffect(async (path: string) => {
  const real = await realpath(toFsPath(path), { encoding: "buffer" });
  return real.toString("latin1");
});

async function realOf(path: string): Promise<string> {
  return await REALS.run(path);
}

/** Of the path itself or of its nearest parent that exists. */
async function nearestReal(
  path: string,
): Promise<{ readonly path: string; readonly real: string }> {
  try {
    return { path, real: await realOf(path) };
  } catch (error) {
    const parent = dirname(path);
    const code = systemCode(error);
    const isAbsent = code === "ENOENT" || code === "ENOTDIR";
    if (!isAbsent || parent === path) throw error;
    return await nearestReal(parent);
  }
}
