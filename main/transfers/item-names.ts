import type { PackFormat } from "#shared/archive.ts";
import type { DownloadSpec, TransferSpec, UploadSpec } from "./transfer-spec.ts";
import { toShownPath } from "../disk/local-path.ts";
import { lastName } from "./transfer-spec.ts";

/**
 * An uploaded file's path inside the transfer, `/` between folders: what is shown, and what its
 * key ends in.
 *
 * @param inside Path below the source folder, or null when the source is the file itself.
 */
export function uploadName(spec: UploadSpec, source: string, inside: string | null): string {
  // The walk shows what is inside in the same way.
  const own = toShownPath(lastName(source));
  if (inside === null) return spec.rename ?? own;
  return spec.contentsOnly ? inside : `${own}/${inside}`;
}

/** The name of a folder that goes as one archive. */
export function archiveName(spec: UploadSpec, source: string, format: PackFormat): string {
  return spec.rename ?? `${toShownPath(lastName(source))}.${format}`;
}

/** The key an item of an upload goes to. */
export function keyFor(spec: Exclude<TransferSpec, DownloadSpec>, name: string): string {
  return spec.destination.prefix + name;
}

/**
 * A downloaded object's path inside the transfer, `/` between folders, as its key has it: not yet
 * safe as a file name.
 *
 * @param asked The key or prefix in the request through which the object was found.
 */
export function downloadName(
  spec: Pick<DownloadSpec, "bucket" | "rename" | "contentsOnly" | "keptFolders">,
  asked: string,
  key: string,
): string {
  if (!isPrefix(asked)) return spec.rename ?? nameBelow(spec.keptFolders ?? [], key);
  const inside = key.slice(asked.length);
  if (spec.contentsOnly) return inside;
  return `${asked === "" ? spec.bucket : lastName(asked)}/${inside}`;
}

/** The deepest of the folders counts. */
function nameBelow(keptFolders: readonly string[], key: string): string {
  const around = keptFolders.filter((prefix) => key.startsWith(prefix) && key !== prefix);
  const [deepest] = around.toSorted((a, b) => b.length - a.length);
  if (deepest === undefined) return lastName(key);
  return `${lastName(deepest)}/${key.slice(deepest.length)}`;
}

/** Whether a requested key stands for everything below it. Empty is the whole bucket. */
export function isPrefix(asked: string): boolean {
  return asked === "" || asked.endsWith("/");
}
