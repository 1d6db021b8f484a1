import type { DroppedFile } from "#shared/transfer-request.ts";
import type { DropRoot, Found, FoundFile } from "./walk-entries.ts";

/** A found file with what the host is told of it. */
export type DescribedFile = { readonly found: FoundFile; readonly facts: DroppedFile };

export type FilePage = {
  readonly files: readonly DescribedFile[];
  /** Paths that could not be read; they are left out. */
  readonly unreadable: readonly string[];
};

/** Most files in one call, by the contract. */
const PAGE_LENGTH = 500;

/**
 * Walks the roots one after the other and describes what is found, a page at a time: files, and where
 * it is wished empty folders, as the host is told of them.
 */
export async function* pageFiles(
  roots: readonly DropRoot[],
  signal: AbortSignal,
  withFolders = false,
): AsyncGenerator<FilePage> {
  let files: DescribedFile[] = [];
  let unreadable: string[] = [];
  for (const root of roots) {
    for await (const found of root.walk(signal)) {
      if (found.kind === "empty-folder" && !withFolders) continue;
      const described = await describe(found);
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

export function isEmptyFolder({ facts }: DescribedFile): boolean {
  return facts.name.endsWith("/");
}

async function describe(found: Found): Promise<DescribedFile | undefined> {
  switch (found.kind) {
    case "file":
      return await describeFile(found.file);
    case "empty-folder":
      return describeFolder(found.name);
    case "unreadable":
      return undefined;
    default:
      return found satisfies never;
  }
}

async function describeFile(found: FoundFile): Promise<DescribedFile | undefined> {
  try {
    const file = await found.open();
    const facts = { name: found.name, sizeBytes: file.size, modifiedAtMs: file.lastModified };
    return { found, facts };
  } catch {
    return undefined;
  }
}

/** A browser does not say when a folder was changed. */
function describeFolder(path: string): DescribedFile {
  const name = `${path}/`;
  const open = () => Promise.reject(new Error("a folder has no bytes"));
  return { found: { name, open }, facts: { name, sizeBytes: 0, modifiedAtMs: 0 } };
}
