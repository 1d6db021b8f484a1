/**
 * For tests of what goes wrong with disks: small ones of their own, mounted by root. Where nobody
 * may mount (`canMount`), such a test is skipped, and its title says so:
 *
 *     const onDisks = it.skipIf(!canMount());  // "needs root, to mount disks of its own"
 *     const disk = TinyDisk.tmpfs(rig.folder, 32);
 *     disk.eat(20 * MiB);  // as another program does
 *     disk.freeUp();
 */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
} from "node:fs";
import { truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MiB = 1024 * 1024;

/** File systems that share bytes between files, by the program that makes them. */
export type SharingKind = "xfs" | "btrfs";

let isAble: boolean | null = null;

/** Whether this process may mount disks: root, in a machine that lets it. */
export function canMount(): boolean {
  isAble ??= process.platform === "linux" && process.getuid?.() === 0 && triesToMount();
  return isAble;
}

function triesToMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "longhaul-mount-"));
  try {
    run("mount", "-t", "tmpfs", "-o", "size=1m", "longhaul-test", folder);
    run("umount", folder);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sharing = new Map<SharingKind, boolean>();

/** Whether this process may also make disks that share bytes between files. */
export function canShare(kind: SharingKind): boolean {
  const known = sharing.get(kind) ?? (canMount() && triesToShare(kind));
  sharing.set(kind, known);
  return known;
}

function triesToShare(kind: SharingKind): boolean {
  const folder = mkdtempSync(join(tmpdir(), "longhaul-share-"));
  try {
    TinyDisk.sharing(folder, kind, 300).close();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export class TinyDisk {
  /** Where it is mounted. */
  readonly folder: string;
  readonly #source: string;
  readonly #kind: "tmpfs" | "ext4" | SharingKind;
  #eatenCount = 0;

  /** In memory; what is on it is gone with it. */
  static tmpfs(parent: string, sizeMib: number): TinyDisk {
    const disk = new TinyDisk(parent, "tmpfs", "longhaul-test");
    run("mount", "-t", "tmpfs", "-o", `size=${sizeMib}m`, disk.#source, disk.folder);
    return disk;
  }

  /** In a file: it can be taken away and brought back. */
  static ext4(parent: string, sizeMib: number): TinyDisk {
    const image = emptyImage(parent, sizeMib);
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", image);
    const disk = new TinyDisk(parent, "ext4", image);
    disk.attach();
    return disk;
  }

  /** In a file; its files can share their bytes. @param sizeMib At least 300, which XFS asks for. */
  static sharing(parent: string, kind: SharingKind, sizeMib: number): TinyDisk {
    const image = emptyImage(parent, sizeMib);
    run(`mkfs.${kind}`, "-q", image);
    const disk = new TinyDisk(parent, kind, image);
    disk.attach();
    return disk;
  }

  private constructor(parent: string, kind: "tmpfs" | "ext4" | SharingKind, source: string) {
    this.folder = mkdtempSync(join(parent, "disk-"));
    this.#kind = kind;
    this.#source = source;
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Another program fills it until so many bytes are free. */
  leaveFree(bytes: number): void {
    this.#eatenCount += 1;
    const file = openSync(join(this.folder, `eaten-${this.#eatenCount}`), "w");
    const block = Buffer.alloc(64 * 1024, 1);
    try {
      for (let count = 1; this.freeBytes > bytes; count += 1) {
        writeSync(file, block, 0, block.length);
        // Some count what was written only when it is on the disk.
        if (this.#kind === "btrfs" && count % 16 === 0) fsyncSync(file);
      }
    } catch {
      // It is full.
    } finally {
      closeSync(file);
    }
  }

  /** The other program removes what it had written. */
  freeUp(): void {
    for (let n = 1; n <= this.#eatenCount; n += 1) {
      rmSync(join(this.folder, `eaten-${n}`), { force: true });
    }
    this.#eatenCount = 0;
  }

  resize(sizeMib: number): void {
    run("mount", "-o", `remount,size=${sizeMib}m`, this.folder);
  }

  /** Names in it can only be read from now on; what is open already can be written. */
  readOnly(isReadOnly: boolean): void {
    if (!isReadOnly) return run("umount", this.folder);
    run("mount", "--bind", this.folder, this.folder);
    run("mount", "-o", "remount,bind,ro", this.folder);
  }

  /** Nothing is written to it, and who writes waits, until it thaws. */
  freeze(isFrozen: boolean): void {
    run("fsfreeze", isFrozen ? "-f" : "-u", this.folder);
  }

  /** Taken away: its folder is there and empty. */
  detach(): void {
    run("umount", "-l", this.folder);
  }

  attach(): void {
    // btrfs counts what was deleted as free with its next commit, every 30 s unless told otherwise.
    const options = this.#kind === "btrfs" ? "loop,commit=1" : "loop";
    const given = this.#kind === "tmpfs" ? [] : ["-o", options];
    run("mount", ...given, this.#source, this.folder);
  }

  close(): void {
    try {
      if (this.#kind === "ext4") this.freeze(false);
    } catch {
      // It is not frozen.
    }
    try {
      run("umount", "-l", this.folder);
    } catch {
      // It is taken away already.
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function emptyImage(parent: string, sizeMib: number): string {
  const image = join(mkdtempSync(join(parent, "image-")), "disk.img");
  closeSync(openSync(image, "w"));
  truncateSync(image, sizeMib * MiB);
  return image;
}

/** A folder below it, for downloads. */
export function folderOn(disk: TinyDisk, name: string): string {
  const folder = join(disk.folder, name);
  mkdirSync(folder);
  return folder;
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: "pipe" });
}
