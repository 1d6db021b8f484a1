/** Entries as a browser hands them out after a drop, for tests: a string is a file's text. */
export type FakeTree = { readonly [name: string]: string | FakeTree };

const BATCH_LENGTH = 100;

export function fakeEntry(name: string, content: string | FakeTree): FileSystemEntry {
  return typeof content === "string" ? fakeFile(name, content) : fakeFolder(name, content);
}

function fakeFile(name: string, text: string): FileSystemFileEntry {
  return {
    ...common(name),
    isFile: true,
    isDirectory: false,
    file: (done) => done(new File([text], name, { lastModified: 1_700_000_000_000 })),
  };
}

function fakeFolder(name: string, tree: FakeTree): FileSystemDirectoryEntry {
  return folderRead(name, () => fakeReader(tree));
}

/** A folder that may not be listed. */
export function lockedFolder(name: string): FileSystemDirectoryEntry {
  return folderRead(name, () => ({
    readEntries: (_done, failed) => failed?.(new DOMException("locked", "NotReadableError")),
  }));
}

function folderRead(
  name: string,
  createReader: () => FileSystemDirectoryReader,
): FileSystemDirectoryEntry {
  const unused = { getDirectory: notHere, getFile: notHere };
  return { ...common(name), ...unused, isFile: false, isDirectory: true, createReader };
}

/** Hands out 100 entries at a time, as browsers do. */
function fakeReader(tree: FakeTree): FileSystemDirectoryReader {
  const waiting = Object.entries(tree).map(([name, content]) => fakeEntry(name, content));
  return { readEntries: (done) => done(waiting.splice(0, BATCH_LENGTH)) };
}

function common(name: string) {
  return { name, fullPath: `/${name}`, filesystem: new FakeFileSystem(), getParent: notHere };
}

function notHere(): void {
  throw new Error("a drop is never walked this way");
}

class FakeFileSystem {
  readonly name = "fake";
  get root(): FileSystemDirectoryEntry {
    return fakeFolder("", {});
  }
}
