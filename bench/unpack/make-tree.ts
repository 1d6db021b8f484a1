import { randomFillSync } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type TreeSize = { readonly fileCount: number; readonly fileBytes: number };

const FILES_IN_A_FOLDER = 100;

/** Files of which half is noise and half is text, in folders of a hundred. */
export async function makeTree(folder: string, { fileCount, fileBytes }: TreeSize): Promise<void> {
  const bytes = Buffer.alloc(fileBytes, "weights of a layer, in text. ");
  for (let number = 0; number < fileCount; number += 1) {
    const below = join(folder, `folder-${Math.floor(number / FILES_IN_A_FOLDER)}`);
    if (number % FILES_IN_A_FOLDER === 0) await mkdir(below, { recursive: true });
    randomFillSync(bytes, 0, Math.floor(fileBytes / 2));
    await writeFile(join(below, `file-${number}.bin`), bytes);
  }
}
