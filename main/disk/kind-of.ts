import { stat } from "node:fs/promises";
import { onDisk } from "./disk-errors.ts";
import { toFsPath } from "./local-path.ts";

/**
 * What is at a path, links followed.
 *
 * @throws {LonghaulError} `path-missing`, `path-denied`
 */
export async function kindOf(path: string): Promise<"folder" | "file" | "other"> {
  const stats = await onDisk(path, "read", () => stat(toFsPath(path)));
  if (stats.isDirectory()) return "folder";
  return stats.isFile() ? "file" : "other";
}
