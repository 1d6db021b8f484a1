import { badEntry } from "./bad-archive.ts";

/**
 * Makes sure that a symbolic link, wherever it lies, leads to a place inside the destination: up by
 * at most the folders that it lies in, which are real ones, then down by names only. What it meets
 * on its way down may be such a link itself, so no chain of them leads out.
 *
 * @param path Of the link, below the destination. @throws {LonghaulError} `bad-archive`.
 */
export function assertLinkInside(path: string, target: string): void {
  const asWindows = target.replaceAll("\\", "/");
  if (target === "" || target.includes("\0") || asWindows !== target) {
    throw badEntry(path, "is a link to something that is no path");
  }
  if (target.startsWith("/") || /^[a-z]:/iu.test(target)) {
    throw badEntry(path, "is a link out of the folder");
  }
  const names = target.split("/").filter((name) => name !== "" && name !== ".");
  const downAt = names.findIndex((name) => name !== "..");
  const upCount = downAt === -1 ? names.length : downAt;
  const depth = path.split("/").length - 1;
  const isUpAgain = names.slice(upCount).includes("..");
  if (upCount > depth || isUpAgain) throw badEntry(path, "is a link out of the folder");
}
