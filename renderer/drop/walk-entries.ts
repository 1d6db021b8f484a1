/** A file inside a drop. Its size and time are asked for when its turn comes, so a long walk stays small. */
export type FoundFile = {
  /** Path inside the drop, `/` between folders. */
  readonly name: string;
  open(): Promise<File>;
};

/** What a walk comes upon: a file, a folder in a folder without anything, or what could not be read. */
export type Found =
  | { readonly kind: "file"; readonly file: FoundFile }
  | { readonly kind: "empty-folder"; readonly name: string }
  | { readonly kind: "unreadable"; readonly name: string };

/** What was dropped or picked at the top level. It can be walked again and again. */
export type DropRoot = {
  readonly name: string;
  readonly kind: "file" | "folder";
  walk(signal: AbortSignal): AsyncGenerator<Found>;
};

/** Left behind by file browsers; nobody wants them in a bucket. */
const CLUTTER: ReadonlySet<string> = new Set([".DS_Store", "Thumbs.db"]);

/**
 * The entries of a drop. Must be called while the event is being handled: afterwards the browser
 * has emptied its list.
 */
export function rootsOfDrop(items: Iterable<DataTransferItem>): DropRoot[] {
  return Array.from(items)
    .filter((item) => item.kind === "file")
    .flatMap((item) => {
      const entry = item.webkitGetAsEntry();
      if (entry) return [rootOfEntry(entry)];
      const file = item.getAsFile();
      return file ? [rootOfFile(file)] : [];
    });
}

/** Files from the browser's own dialog, which never holds folders. */
export function rootOfFile(file: File): DropRoot {
  return {
    name: file.name,
    kind: "file",
    walk: async function* () {
      yield { kind: "file", file: { name: file.name, open: () => Promise.resolve(file) } };
    },
  };
}

export function rootOfEntry(entry: FileSystemEntry): DropRoot {
  return {
    name: entry.name,
    kind: entry.isDirectory ? "folder" : "file",
    walk: (signal) => walkEntry(entry, entry.name, signal),
  };
}

async function* walkEntry(
  entry: FileSystemEntry,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  signal.throwIfAborted();
  if (isFile(entry)) {
    yield { kind: "file", file: { name, open: () => openFile(entry) } };
  } else if (isFolder(entry)) {
    yield* walkFolder(entry, name, signal);
  }
}

async function* walkFolder(
  folder: FileSystemDirectoryEntry,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const reader = folder.createReader();
  let isEmpty = path.includes("/");
  for (;;) {
    const batch = await readBatch(reader);
    if (!batch) {
      yield { kind: "unreadable", name: path };
      return;
    }
    // The reader hands out 100 at a time; an empty batch is the end.
    if (batch.length === 0) break;
    for (const entry of batch) {
      if (CLUTTER.has(entry.name)) continue;
      isEmpty = false;
      yield* walkEntry(entry, `${path}/${entry.name}`, signal);
    }
  }
  if (isEmpty) yield { kind: "empty-folder", name: path };
}

/** The next entries; undefined when the folder cannot be read. */
function readBatch(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[] | undefined> {
  return new Promise((resolve) => {
    reader.readEntries(resolve, () => resolve(undefined));
  });
}

function openFile(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
