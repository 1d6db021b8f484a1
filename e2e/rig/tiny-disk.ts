import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A small disk in memory for a story; mounting one needs root. */
export class TinyDisk {
  readonly folder: string;

  static canBeMade(): boolean {
    return process.platform === "linux" && process.getuid?.() === 0;
  }

  constructor(folder: string, sizeMib: number) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMib}m`, "longhaul-story", folder]);
  }

  /** Another program writes until so many bytes are left. */
  fill(leftBytes: number): void {
    const file = openSync(this.#rubbish, "w");
    const block = Buffer.alloc(64 * 1024, 1);
    try {
      while (this.#freeBytes() > leftBytes) writeSync(file, block);
    } catch {
      // It is full.
    } finally {
      closeSync(file);
    }
  }

  freeUp(): void {
    rmSync(this.#rubbish);
  }

  close(): void {
    execFileSync("umount", ["-l", this.folder]);
  }

  get #rubbish(): string {
    return join(this.folder, "rubbish");
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }
}
