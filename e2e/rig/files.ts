import { createCipheriv, createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

export const MIB = 1024 * 1024;

/** Fills a file with bytes that neither repeat nor compress, different for every seed. */
export async function makeFile(path: string, sizeBytes: number, seed: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const key = createHash("sha256").update(`${seed}`).digest();
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const zeros = Buffer.alloc(Math.min(sizeBytes, 4 * MIB));
  const file = await open(path, "w");
  try {
    for (let left = sizeBytes; left > 0; left -= zeros.length) {
      await file.writeFile(cipher.update(zeros.subarray(0, Math.min(left, zeros.length))));
    }
  } finally {
    await file.close();
  }
}

/** SHA-256 in hex. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** The files below a folder by their path in it, `/` between folders, with their digests. */
export async function digestTree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: Record<string, string> = {};
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1).replaceAll("\\", "/")] = await digestFile(path);
  }
  return found;
}

/** Bytes of all files below a folder; 0 where it does not exist. */
export async function sizeOfTree(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(async ({ parentPath, name }) => {
    // One that goes away meanwhile counts as gone.
    const found = await stat(join(parentPath, name)).catch(() => null);
    return found?.size ?? 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
