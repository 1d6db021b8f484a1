import type { PackFormat } from "#shared/archive.ts";
import type { Picked } from "#shared/contract.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import type { DropRoot } from "./walk-entries.ts";
import { folderName } from "../folder/folder-choice.ts";

/** One thing that was dropped or chosen. */
export type UploadItem = {
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly source:
    /** The host has it, and knows where. */
    | { readonly kind: "ref"; readonly ref: LocalRef; readonly path: string }
    /** Only this page has it. */
    | { readonly kind: "root"; readonly root: DropRoot };
};

export type Measured = {
  readonly files: number;
  readonly sizeBytes: number;
  /** There is more than was counted. */
  readonly isCut: boolean;
};

export function itemOfPicked({ ref, path, kind }: Picked): UploadItem {
  return { name: folderName(path), kind, source: { kind: "ref", ref, path } };
}

export function itemOfRoot(root: DropRoot): UploadItem {
  return { name: root.name, kind: root.kind, source: { kind: "root", root } };
}

export function refsOf(items: readonly UploadItem[]): LocalRef[] {
  return items.flatMap(({ source }) => (source.kind === "ref" ? [source.ref] : []));
}

/** Null where only the page has it. */
export function pathOf({ source }: UploadItem): string | null {
  return source.kind === "ref" ? source.path : null;
}

export function rootsOf(items: readonly UploadItem[]): DropRoot[] {
  return items.flatMap(({ source }) => (source.kind === "root" ? [source.root] : []));
}

/** A lone folder, wherever it is: what only a page has is packed when all of it is at the host. */
export function canPack(items: readonly UploadItem[]): boolean {
  const [only, ...others] = items;
  return others.length === 0 && only?.kind === "folder";
}

/** Only this page has it: the host gets its bytes first. */
export function isOfPage(items: readonly UploadItem[]): boolean {
  return items.some(({ source }) => source.kind === "root");
}

/** What is under the destination's prefix first: the file, the archive, or the folder's files. */
export function keyName({ name, kind }: UploadItem, archive: PackFormat | null): string {
  if (archive !== null) return `${name}.${archive}`;
  return kind === "folder" ? `${name}/…` : name;
}

/** `2 folders and 1 file`. */
export function itemWords(items: readonly Pick<UploadItem, "kind">[]): string {
  const folders = items.filter((item) => item.kind === "folder").length;
  const files = items.length - folders;
  const parts = [
    ...(folders > 0 ? [counted(folders, "folder")] : []),
    ...(files > 0 ? [counted(files, "file")] : []),
  ];
  return parts.join(" and ");
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** What a transfer of these is called. */
export function transferName(items: readonly Pick<UploadItem, "name">[]): string {
  const [first, ...others] = items;
  if (!first) return "";
  return others.length === 0 ? first.name : `${first.name} and ${others.length} more`;
}

/** A typed prefix as S3 has it: no slash before it, one after it, and none alone. */
export function readPrefix(typed: string): string {
  const trimmed = typed.trim().replace(/^\/+/, "");
  return trimmed === "" || trimmed.endsWith("/") ? trimmed : `${trimmed}/`;
}
