import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Runs `work` in a folder of its own: with `isFresh` on an ext4 with a journal that was made for it,
 * which takes root. Without, on the disk of `parent`, where what was deleted a moment ago slows down
 * what is made next: without a journal, ext4 gives no inode away again for up to five minutes.
 *
 * @param sizeBytes Of that file system.
 */
export async function onDisk<T>(
  parent: string,
  { isFresh, sizeBytes }: { readonly isFresh: boolean; readonly sizeBytes: number },
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const place = await mkdtemp(join(parent, "disk-"));
  const folder = join(place, "folder");
  const image = join(place, "disk.img");
  await mkdir(folder);
  try {
    if (isFresh) await mount(image, folder, sizeBytes);
    await run("sync");
    return await work(folder);
  } finally {
    if (isFresh) await run("umount", ["-l", folder]);
    await rm(place, { recursive: true });
  }
}

async function mount(image: string, folder: string, sizeBytes: number): Promise<void> {
  await writeFile(image, "");
  await truncate(image, sizeBytes);
  // Nothing is left for the system to do behind the back of what is measured.
  const whole = ["-E", "lazy_itable_init=0,lazy_journal_init=0"];
  await run("mkfs.ext4", ["-q", "-F", ...whole, image]);
  await run("mount", ["-o", "loop", image, folder]);
}
