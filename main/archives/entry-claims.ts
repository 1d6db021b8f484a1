import { hash } from "node:crypto";
import { U64Set } from "../disk/u64-set.ts";
import { badEntry } from "./bad-archive.ts";

/**
 * The paths of one archive, so that no two entries are the same file on any system, and none is
 * written through another: `A` and `a`, `é` composed and not, `ß` and `ss` are one name. Files take
 * 16 bytes each, folders their names.
 */
export class EntryClaims {
  readonly #files = new U64Set();
  /** By folded path, as it was written first. */
  readonly #folders = new Map<string, string>();
  /** The folder that was claimed last; neighbours share it. */
  #lastFolder = "";

  /**
   * Claims the path of a file or a link.
   *
   * @returns the folders on its way that are new, topmost first.
   * @throws {LonghaulError} `bad-archive`.
   */
  claimFile(path: string): readonly string[] {
    const made = this.claimFolder(parentOf(path), path);
    const folded = fold(path);
    const number = numberOf(folded);
    if (this.#files.has(number)) throw badEntry(path, "is there twice, or differs only in case");
    if (this.#folders.has(folded)) throw badEntry(path, "is a file and a folder as well");
    this.#files.add(number);
    return made;
  }

  hasFile(path: string): boolean {
    return this.#files.has(numberOf(fold(path)));
  }

  /** @param of What is to lie in it, for the error. */
  claimFolder(path: string, of = path): readonly string[] {
    if (path === this.#lastFolder || path === "") return [];
    const made = foldersOf(path).filter((folder) => this.#isNew(folder, of));
    for (const folder of made) this.#folders.set(fold(folder), folder);
    this.#lastFolder = path;
    return made;
  }

  #isNew(folder: string, of: string): boolean {
    const folded = fold(folder);
    const known = this.#folders.get(folded);
    if (known === folder) return false;
    if (known !== undefined) {
      throw badEntry(of, `has a folder on its way that differs only in case from ${known}`);
    }
    if (this.#files.has(numberOf(folded))) {
      throw badEntry(of, "has a file or a link on its way, where a folder must be");
    }
    return true;
  }
}

/**
 * NFKC and full case folding, more than any file system does: down first, because the capital `ẞ`
 * stays one, then by way of capitals, in which `ß` is `SS`.
 */
function fold(path: string): string {
  if (/^[a-z0-9/._-]*$/u.test(path)) return path;
  return path.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function foldersOf(folder: string): string[] {
  const names = folder.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function numberOf(path: string): bigint {
  return hash("sha256", path, "buffer").readBigUInt64LE(0);
}
