import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFile } from "./files.ts";

/** A folder of small files in three folders, none of them alike. */
export async function makeTree(folder: string, files: number): Promise<void> {
  for (let index = 0; index < files; index++) {
    const name = `part-${String(index).padStart(5, "0")}.bin`;
    await makeFile(join(folder, `shard-${index % 3}`, name), 1_000 + index * 13, index);
  }
}

/** Many files of a few bytes. */
export async function makeManyFiles(folder: string, files: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let from = 0; from < files; from += 500) {
    const names = Array.from(
      { length: Math.min(500, files - from) },
      (_, at) => `f${from + at}.txt`,
    );
    await Promise.all(names.map((name) => writeFile(join(folder, name), name)));
  }
}
