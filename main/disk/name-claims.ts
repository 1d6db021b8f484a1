import { hash } from "node:crypto";
import { U64Set } from "./u64-set.ts";

/** Why a path cannot be had: another item has it, or needs a folder where a file is, or the reverse. */
export type Collision = "same-name" | "file-and-folder";

export type ClaimRules = {
  /** `A` and `a`, `é` and `é` name one file there: macOS and Windows as they come. */
  readonly isCaseFolded: boolean;
};

/**
 * The paths that the items of one plan want below one destination, so that no two items are the
 * same file there. Sixteen bytes a path: a million take 32 MiB at most. Two different paths are
 * taken for one with a chance of one in a hundred million, and then one of them is only asked about.
 */
export class NameClaims {
  readonly #files = new U64Set();
  readonly #folders = new U64Set();
  readonly #fold: (path: string) => string;
  /** The folder claimed last; neighbours share it. */
  #lastFolder = "";

  constructor({ isCaseFolded }: ClaimRules) {
    this.#fold = isCaseFolded ? (path) => path.normalize("NFC").toLowerCase() : (path) => path;
  }

  /**
   * Claims a file's path, `/` between folders.
   *
   * @returns null when it is free, and now taken; else why not, and nothing changed.
   */
  claim(path: string): Collision | null {
    const folded = this.#fold(path);
    const file = numberOf(folded);
    if (this.#files.has(file)) return "same-name";
    if (this.#folders.has(file)) return "file-and-folder";
    if (!this.#claimFolders(folded)) return "file-and-folder";
    this.#files.add(file);
    return null;
  }

  /** Whether a file's path was claimed. */
  has(path: string): boolean {
    return this.#files.has(numberOf(this.#fold(path)));
  }

  #claimFolders(path: string): boolean {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (folder === "" || folder === this.#lastFolder) return true;
    const numbers = foldersOf(folder).map(numberOf);
    if (numbers.some((number) => this.#files.has(number))) return false;
    for (const number of numbers) this.#folders.add(number);
    this.#lastFolder = folder;
    return true;
  }
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function foldersOf(folder: string): string[] {
  const names = folder.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function numberOf(path: string): bigint {
  return hash("sha256", path, "buffer").readBigUInt64LE(0);
}
