import { join, resolve } from "node:path";
import { lastName } from "#main/transfers/transfer-spec.ts";
import { isOpenPath } from "../is-open-path.ts";

/** The file that an object gets: its own name in a folder; null where the key gives no name. */
export function fileFor(key: string, destination: string, workingFolder: string): string | null {
  const path = resolve(workingFolder, destination);
  if (!isOpenPath(destination)) return path;
  const name = lastName(key);
  return name === "." || name === ".." ? null : join(path, name);
}
