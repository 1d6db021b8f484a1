import { Parser } from "tar";

/** An entry of an archive, as another reader than ours has it. */
export type ReadEntry = {
  readonly path: string;
  readonly mode: number;
  readonly modifiedAtMs: number;
  readonly text: string;
};

/** For tests: what is in a tar, compressed or not. */
export async function entriesIn(bytes: Buffer): Promise<readonly ReadEntry[]> {
  const entries: Promise<ReadEntry>[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const { path, mode = 0, mtime } = entry;
      const modifiedAtMs = mtime?.getTime() ?? 0;
      const read = entry.concat().then((content) => content.toString("utf8"));
      entries.push(read.then((text) => ({ path, mode, modifiedAtMs, text })));
    },
  });
  await new Promise<void>((resolve, reject) => {
    parser.on("end", resolve);
    parser.on("error", reject);
    parser.end(bytes);
  });
  return await Promise.all(entries);
}
