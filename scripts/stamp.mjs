import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectFolder } from "./find-node.mjs";

/** A digest over names, sizes and times of everything in these files and folders. */
export function stampOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) addTo(hash, path);
  return hash.digest("hex");
}

function addTo(hash, path) {
  const full = join(projectFolder, path);
  if (!existsSync(full)) return;
  const found = statSync(full);
  if (found.isDirectory()) {
    for (const name of readdirSync(full).toSorted()) addTo(hash, `${path}/${name}`);
  } else if (!/\.test\.tsx?$/.test(path)) {
    hash.update(`${path} ${found.size} ${found.mtimeMs}\n`);
  }
}

export function readStamp(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

export function writeStamp(path, stamp) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, stamp);
}
