import { compileGlob } from "./glob.ts";

/** Decides by names inside a transfer, `/` between folders, which files belong to it. */
export type NameFilter = {
  readonly takesFile: (name: string) => boolean;
  /** False when nothing below a folder can belong, so that it need not be read. */
  readonly entersFolder: (name: string) => boolean;
};

export const TAKES_ALL: NameFilter = { takesFile: () => true, entersFolder: () => true };

/**
 * Files that match one of `include` (or all, where it is empty) and none of `exclude`. A pattern
 * without `/` matches names at any depth, one with `/` the path from the top. A folder that matches
 * takes everything below it with it: `node_modules`, `logs/`.
 */
export function createNameFilter(
  include: readonly string[],
  exclude: readonly string[],
): NameFilter {
  const isIncluded = include.length === 0 ? () => true : anyOf(include);
  const isExcluded = anyOf(exclude);
  return {
    takesFile: (name) => isIncluded(name) && !isExcluded(name),
    entersFolder: (name) => !isExcluded(`${name}/`),
  };
}

/** True for a name that a pattern matches itself, or whose folder it matches. */
function anyOf(patterns: readonly string[]): (name: string) => boolean {
  const rules = patterns.map(toRule);
  return (name) => rules.some((matches) => matches(name));
}

function toRule(pattern: string): (name: string) => boolean {
  const isFolderOnly = pattern.endsWith("/");
  const bare = pattern.replace(/^\/+|\/+$/gu, "");
  const matches = compileGlob(pattern.startsWith("/") || bare.includes("/") ? bare : `**/${bare}`);
  return (name) => levelsOf(name, isFolderOnly).some((level) => matches(level));
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`; the last is left out when only folders count. `a/b/` is a folder. */
function levelsOf(name: string, isFolderOnly: boolean): string[] {
  const isFolder = name.endsWith("/");
  const names = (isFolder ? name.slice(0, -1) : name).split("/");
  const levels = names.map((_, index) => names.slice(0, index + 1).join("/"));
  return isFolderOnly && !isFolder ? levels.slice(0, -1) : levels;
}
