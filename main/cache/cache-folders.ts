import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk } from "../disk/disk-errors.ts";
import { isInside } from "../disk/is-below.ts";
import { toFsPath, toShownPath } from "../disk/local-path.ts";
import { makeFolders } from "../disk/make-folders.ts";
import { findAt } from "../disk/stat-file.ts";
import type { DocumentFile } from "../profiles/document-file.ts";

const KeptFolder = z.strictObject({
  path: z.string(),
  quotaBytes: z.int().positive().nullable(),
  /** Null is the usual floor. */
  keepFreeBytes: z.int().nonnegative().nullable(),
  /** What its marker says; null as long as nothing was ever put there. */
  marker: z.string().nullable(),
});
export type KeptFolder = z.infer<typeof KeptFolder>;

const Document = z.object({ folders: z.array(KeptFolder) });

/** In the folder itself: what is mounted there instead, or nothing, does not have it. */
const MARKER_NAME = ".longhaul-cache";

/** Other people's files may be in it, too; ours are private. */
const FOLDER_MODE = 0o700;

/** The folders that copies are kept in, and the one writer of that list. The default one comes first. */
export class CacheFolders {
  readonly #document: DocumentFile;
  readonly defaultPath: string;
  #folders: readonly KeptFolder[];

  constructor(document: DocumentFile, home: string) {
    this.#document = document;
    this.defaultPath = join(home, "cache");
    const kept = Document.safeParse(document.read("cache"));
    const folders = kept.success ? kept.data.folders : [];
    const isOwn = ({ path }: KeptFolder) => path === this.defaultPath;
    const own = folders.find(isOwn) ?? aFolder(this.defaultPath, null);
    this.#folders = [own, ...folders.filter((one) => !isOwn(one))];
  }

  list(): readonly KeptFolder[] {
    return this.#folders;
  }

  /** The one that a file is right in. */
  of(filePath: string): KeptFolder | undefined {
    const folder = dirname(filePath);
    return this.#folders.find(({ path }) => path === folder);
  }

  /** @throws {LonghaulError} `invalid` */
  get(path: string): KeptFolder {
    const found = this.#folders.find((one) => one.path === path);
    if (found !== undefined) return found;
    throw new LonghaulError("invalid", `${toShownPath(path)} is no cache folder`);
  }

  isDefault({ path }: KeptFolder): boolean {
    return path === this.defaultPath;
  }

  /** Made and marked. @throws {LonghaulError} `invalid`, `folder-missing`, `folder-denied`, … */
  async add(path: string, quotaBytes: number | null): Promise<KeptFolder> {
    for (const { path: other } of this.#folders) {
      if (path === other) throw refused(path, "is a cache folder already");
      if (isInside(other, path)) throw refused(path, "is inside another cache folder");
      if (isInside(path, other)) throw refused(path, "holds another cache folder");
    }
    if ((await findAt(dirname(path))) === undefined) {
      throw new LonghaulError(
        "folder-missing",
        `there is no folder ${toShownPath(dirname(path))}`,
        {
          details: { path: toShownPath(dirname(path)) },
        },
      );
    }
    const folder = await marked(aFolder(path, quotaBytes));
    this.#write([...this.#folders, folder]);
    return folder;
  }

  set(path: string, change: Partial<Omit<KeptFolder, "path">>): void {
    const changed = { ...this.get(path), ...change };
    this.#write(this.#folders.map((one) => (one.path === path ? changed : one)));
  }

  remove(path: string): void {
    const folder = this.get(path);
    if (this.isDefault(folder)) throw refused(path, "is the default one and always there");
    this.#write(this.#folders.filter((one) => one !== folder));
  }

  /** Whether the very folder is there: its disk may be unplugged, or another one be in its place. */
  async isThere({ path, marker }: KeptFolder): Promise<boolean> {
    if (marker !== null) return (await readMarker(path).catch(() => null)) === marker;
    // It was never needed so far: nothing can be missing.
    return path === this.defaultPath;
  }

  /** The folder, ready to be written to; null where it is not there. */
  async open(folder: KeptFolder): Promise<KeptFolder | null> {
    if (folder.marker !== null) return (await this.isThere(folder)) ? folder : null;
    const ready = await marked(folder);
    this.set(folder.path, { marker: ready.marker });
    return ready;
  }

  #write(folders: readonly KeptFolder[]): void {
    this.#document.write("cache", { folders });
    this.#folders = folders;
  }
}

function aFolder(path: string, quotaBytes: number | null): KeptFolder {
  return { path, quotaBytes, keepFreeBytes: null, marker: null };
}

/** One that has a marker keeps it: it was ours, or is another home's, too. */
async function marked(folder: KeptFolder): Promise<KeptFolder> {
  const { path } = folder;
  await onDisk(path, "write", () => makeFolders(path, FOLDER_MODE));
  const file = toFsPath(join(path, MARKER_NAME));
  const kept = await readMarker(path).catch(() => "");
  if (kept !== "") return { ...folder, marker: kept };
  const marker = crypto.randomUUID();
  const text = `${marker}\nLonghaul keeps copies of objects here; without this file it leaves the folder alone.\n`;
  await onDisk(path, "write", () => writeFile(file, text, { mode: 0o600, flush: true }));
  return { ...folder, marker };
}

/** Empty where a crash came before it was written. */
async function readMarker(folder: string): Promise<string> {
  const path = join(folder, MARKER_NAME);
  const text = await onDisk(path, "read", () => readFile(toFsPath(path), "utf8"));
  return text.split("\n")[0] ?? "";
}

function refused(path: string, why: string): LonghaulError {
  const shown = toShownPath(path);
  return new LonghaulError("invalid", `${shown} ${why}`, { details: { path: shown } });
}
