import type { TransferView } from "#shared/transfer.ts";
import { formatCount } from "../common/byte-figures.ts";

/** It asks about the folder that its archive is unpacked into: the archive itself is here. */
export function unpackAsked({ askingItemCount, unpack }: TransferView): string | null {
  const came = unpack?.came ?? null;
  return askingItemCount > 0 && came?.kind === "asking" ? came.note : null;
}

/** What is the case, in one sentence. */
export function conflictSentence(view: TransferView): string {
  const asked = unpackAsked(view);
  if (asked !== null) return `${asked}.`;
  const where = view.direction === "upload" ? "in the bucket" : "in the folder";
  // It is made as it is sent: before, nobody knows whether it would be the same.
  if (view.archive !== undefined) return `${archiveKey(view)} is ${where} already.`;
  if (view.itemCount === 1) return `${view.name} is ${where} already, and differs.`;
  const count = view.askingItemCount;
  const are = count === 1 ? "file is" : "files are";
  return `${formatCount(count)} ${are} ${where} already, and ${count === 1 ? "differs" : "differ"}.`;
}

/** The last part of an archive's key; a folder's archive has its name, unless another was said. */
function archiveKey({ name, archive, to }: TransferView): string {
  const key = to.kind === "s3" ? to.key : "";
  return key === "" || key.endsWith("/")
    ? `${name}.${archive}`
    : key.slice(key.lastIndexOf("/") + 1);
}
