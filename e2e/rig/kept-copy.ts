import { copyFile, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Gives the cache a copy of its own of a file that it knows, as it is where file systems share bytes;
 * few machines that run stories have one. Only while the program does not run. Answers its path.
 */
export async function keepCopy(home: string, file: string, usedAtMs: number): Promise<string> {
  await mkdir(join(home, "cache"), { recursive: true });
  const path = join(home, "cache", `${usedAtMs}.blob`);
  await copyFile(file, path);
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  const stamp = Object.entries({ dev, ino, size, mtimeNs, ctimeNs });
  const text = JSON.stringify(Object.fromEntries(stamp.map(([name, value]) => [name, `${value}`])));
  const journal = new DatabaseSync(join(home, "journal.db"));
  try {
    const { changes } = journal
      .prepare(
        `INSERT INTO entries (path, origin, key, profileId, bucket, etag, versionId, sizeBytes, stamp,
          kind, rung, sha256, isPinned, addedAtMs, usedAtMs, verifiedAtMs, trouble)
        SELECT ?, origin, key, profileId, bucket, etag, versionId, sizeBytes, ?,
          'managed', rung, sha256, 0, addedAtMs, ?, NULL, NULL FROM entries WHERE path = ?`,
      )
      .run(path, text, usedAtMs, file);
    if (changes !== 1) throw new Error(`the cache does not know ${file}`);
  } finally {
    journal.close();
  }
  return path;
}
