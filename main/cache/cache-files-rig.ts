import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toFileStamp } from "../disk/file-stamp.ts";
import type { DocumentFile } from "../profiles/document-file.ts";
import { CacheFolders } from "./cache-folders.ts";
import type { Entry } from "./entry.ts";
import { aCopy, FakeCacheJournal } from "./fake-cache-journal.ts";
import { HeldPaths } from "./held-paths.ts";

/** For tests: a home with the default cache folder, and a journal in memory. */
export class CacheFilesRig {
  readonly home = mkdtempSync(join(tmpdir(), "longhaul-cache-"));
  readonly journal = new FakeCacheJournal();
  readonly held = new HeldPaths();
  readonly kept: { cache?: unknown } = {};
  readonly document: DocumentFile = {
    read: () => this.kept.cache,
    write: (_, value) => void (this.kept.cache = structuredClone(value)),
  };
  folders = new CacheFolders(this.document, this.home);
  readonly signal: AbortSignal = new AbortController().signal;

  /** The default folder, made and marked. */
  async open(): Promise<string> {
    const folder = await this.folders.open(this.folders.get(this.folders.defaultPath));
    if (folder === null) throw new Error("no cache folder");
    return folder.path;
  }

  close(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  /** A file and its entry, which the journal knows. */
  file(path: string, bytes: Buffer | string, given: Partial<Entry> = {}): Entry {
    writeFileSync(path, bytes);
    const stamp = toFileStamp(statSync(path, { bigint: true }));
    const entry = aCopy({ path, stamp, sizeBytes: bytes.length, ...given });
    this.journal.put(entry);
    return entry;
  }

  /** A managed copy in the default folder. */
  copy(name: string, given: Partial<Entry> & { readonly bytes?: string } = {}): Entry {
    const { bytes = "0123456789", ...rest } = given;
    const path = join(this.folders.defaultPath, `${name}.blob`);
    return this.file(path, bytes, { kind: "managed", key: name, ...rest });
  }
}
