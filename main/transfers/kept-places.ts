import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { isInside } from "../disk/is-below.ts";
import { toFsPath, toShownPath } from "../disk/local-path.ts";
import type { NameFilter } from "../disk/name-filter.ts";
import type { RunPorts } from "./run-ports.ts";

/** Whether a path inside a folder, `/` between folders, is of what Longhaul keeps for itself. */
export type IsKept = (name: string) => boolean;

type Ports = Pick<RunPorts, "protectedPaths">;

/**
 * Tells what of Longhaul's own is below a folder: the secrets in it go nowhere with the folder, and
 * nothing is put among them. Whoever names a place within it means that. Null: nothing is.
 */
export async function keptBelow(folder: string, ports: Ports): Promise<IsKept | null> {
  const root = folded(await realOf(folder));
  const kept = (await keptPaths(ports)).filter((path) => path !== root && isInside(root, path));
  if (kept.length === 0) return null;
  return (name) => kept.some((path) => isInside(path, folded(join(root, name))));
}

/** @throws {LonghaulError} `path-unsafe` for a folder that is of Longhaul's own, or holds that. */
export async function assertNotKept(folder: string, ports: Ports): Promise<void> {
  const real = folded(await realOf(folder));
  const kept = await keptPaths(ports);
  if (kept.some((path) => isInside(path, real) || isInside(real, path))) throw keptError(folder);
}

export function keptError(path: string): LonghaulError {
  const shown = toShownPath(path);
  return new LonghaulError("path-unsafe", `${shown} is what Longhaul keeps for itself`, {
    details: { path: shown },
  });
}

export function leavingOut(filter: NameFilter, isKept: IsKept | null): NameFilter {
  if (isKept === null) return filter;
  return {
    takesFile: (name) => filter.takesFile(name) && !isKept(name),
    entersFolder: (name) => filter.entersFolder(name) && !isKept(name),
  };
}

export async function realOf(path: string): Promise<string> {
  return await realpath(toFsPath(path), "utf8").catch(() => path);
}

async function keptPaths({ protectedPaths }: Ports): Promise<readonly string[]> {
  const paths = await Promise.all((protectedPaths?.() ?? []).map(realOf));
  return paths.map(folded);
}

/** Elsewhere other letters name the same folder. */
function folded(path: string): string {
  return process.platform === "linux" ? path : path.normalize("NFC").toLowerCase();
}
