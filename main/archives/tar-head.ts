import { Header, Pax } from "tar";
import { BLOCK_BYTES } from "./tar-header.ts";

export type TarHead = {
  /** Inside the archive, `/` between folders. */
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly sizeBytes: number;
  /** Permissions alone. */
  readonly mode: number;
  readonly modifiedAtMs: number;
};

/** What goes before the content of an entry: with attributes of PAX where the old fields are too small. */
export function tarHead({ name, kind, sizeBytes, mode, modifiedAtMs }: TarHead): Buffer {
  const fields = {
    path: kind === "folder" ? `${name}/` : name,
    mode: mode & 0o777,
    size: sizeBytes,
    // Whole seconds are all that the old field has, and what everybody expects.
    mtime: new Date(Math.floor(modifiedAtMs / 1000) * 1000),
  };
  const header = new Header({ ...fields, type: kind === "folder" ? "Directory" : "File" });
  const block = Buffer.alloc(BLOCK_BYTES);
  const isTooSmall = header.encode(block);
  return isTooSmall ? Buffer.concat([new Pax(fields).encode(), block]) : block;
}

/** What fills the last block of a content of that size. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

export const TAR_END = Buffer.alloc(2 * BLOCK_BYTES);
