import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";

/** Name of a body file: 32 hex digits made here, never anything a client said. */
export type FileId = string;

export type StagedFile = { readonly id: FileId; readonly handle: FileHandle };

/**
 * Files that hold bodies. One is written in `staging/` and moves to `data/` when it is whole, so
 * what is in `data/` may be served, and what a crash left in `staging/` is rubbish.
 */
export class BodyFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folders and empties staging. Once per start, before any server uses them. */
  prepare(): void {
    for (let index = 0; index < 256; index += 1) {
      const shard = index.toString(16).padStart(2, "0");
      mkdirSync(join(this.#folder, "data", shard), { recursive: true });
    }
    const staging = join(this.#folder, "staging");
    mkdirSync(staging, { recursive: true });
    for (const name of readdirSync(staging)) rmSync(join(staging, name), { force: true });
  }

  async stage(): Promise<StagedFile> {
    const id = randomBytes(16).toString("hex");
    return { id, handle: await open(this.#stagingPath(id), "wx", 0o600) };
  }

  /** Makes a closed staged file one that may be served. */
  async publish(id: FileId): Promise<void> {
    await rename(this.#stagingPath(id), this.path(id));
  }

  /** Removes a staged file. */
  async discard(id: FileId): Promise<void> {
    await rm(this.#stagingPath(id), { force: true });
  }

  /** Removes published files. */
  async remove(ids: readonly FileId[]): Promise<void> {
    for (const id of ids) await rm(this.path(id), { force: true });
  }

  path(id: FileId): string {
    return join(this.#folder, "data", id.slice(0, 2), id);
  }

  #stagingPath(id: FileId): string {
    return join(this.#folder, "staging", id);
  }
}
