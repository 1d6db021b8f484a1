import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Packs a folder with the system's own tools, so that nothing of ours judges itself. */
export async function packFolder(folder: string, archive: string): Promise<void> {
  if (archive.endsWith(".zip")) await run("zip", ["-qr", archive, "."], { cwd: folder });
  else await run("tar", ["--auto-compress", "-cf", archive, "-C", folder, "."]);
}

/** Unpacks with the system's `tar`. */
export async function unpackTar(archive: string, folder: string): Promise<void> {
  await run("tar", ["-xf", archive, "-C", folder]);
}
