import type { DroppedFile } from "#shared/transfer-request.ts";
import type { DropRoot, FoundFile } from "./walk-entries.ts";

/** A found file with what the host is told of it. */
export type DescribedFile = { readonly found: FoundFile; readonly facts: DroppedFile };

export type FilePage = {
  readonly files: readonly DescribedFile[];
  /** Paths that could not be read; they are left out. */
  readonly unreadable: readonly string[];
};

/** Most files in one call, by the contract. */
const PAGE_LENGTH = 500;

/** Walks the roots one after the other and describes what is found, a page at a time. */
export async function* pageFiles(
  roots: readonly DropRoot[],
  signal: AbortSignal,
): AsyncGenerator<FilePage> {
  let files: DescribedFile[] = [];
  let unreadable: string[] = [];
  for (const root of roots) {
    for await (const found of root.walk(signal)) {
      const described = found.kind === "file" ? await describe(found.file) : undefined;
      if (described) files.push(described);
      else unreadable.push(found.kind === "file" ? found.file.name : found.name);
      if (files.length + unreadable.length < PAGE_LENGTH) continue;
      yield { files, unreadable };
      files = [];
      unreadable = [];
    }
  }
  if (files.length + unreadable.length > 0) yield { files, unreadable };
}

async function describe(found: FoundFile): Promise<DescribedFile | undefined> {
  try {
    const file = await found.open();
    const facts = { name: found.name, sizeBytes: file.size, modifiedAtMs: file.lastModified };
    return { found, facts };
  } catch {
    return undefined;
  }
}
