import { open } from "node:fs/promises";
import { onDisk } from "./disk-errors.ts";
import { toFsPath } from "./local-path.ts";

/** Makes a file's bytes and size durable. @throws {LonghaulError} `disk-full`, `disk-failed`, `path-denied`. */
export async function flushFile(path: string): Promise<void> {
  await onDisk(path, "write", async () => {
    const file = await open(toFsPath(path), "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  });
}
