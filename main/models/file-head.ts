import type { ModelFile } from "#shared/library-models.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { readConfigHead, readIndexHead } from "./config-head.ts";
import type { ConfigHead, IndexHead } from "./config-head.ts";
import { isOnnx, isPyTorch } from "./first-bytes.ts";
import { readGgufHead } from "./gguf-head.ts";
import type { GgufHead } from "./gguf-head.ts";
import { lastNameOf, nameOfModelFile } from "./model-names.ts";
import { readSafetensorsHead, safetensorsHeadBytes } from "./safetensors-head.ts";
import type { SafetensorsHead } from "./safetensors-head.ts";

/** What the beginning of one file says; null is not what its name says. */
export type FileHead =
  | { readonly kind: "config"; readonly head: ConfigHead | null }
  | { readonly kind: "index"; readonly head: IndexHead | null }
  | { readonly kind: "safetensors"; readonly head: SafetensorsHead | null }
  | { readonly kind: "gguf"; readonly head: GgufHead | null }
  | { readonly kind: "other"; readonly isAsNamed: boolean };

export type HeadKind = FileHead["kind"];

/** Reads bytes of the file, from its beginning on. */
export type ReadFrom = (start: number, end: number) => Promise<Uint8Array>;

export function headKindOf({ key }: Pick<ModelFile, "key">): HeadKind {
  const name = nameOfModelFile(lastNameOf(key));
  if (name.kind === "config" || name.kind === "pipeline") return "config";
  if (name.kind === "index") return "index";
  if (name.kind !== "weights") return "other";
  return name.format === "safetensors" || name.format === "gguf" ? name.format : "other";
}

/** Most bytes of a file's head for a row of the list; they add up to 64 KiB for each variant. */
export const LISTED_BYTES: Readonly<Record<HeadKind, number>> = {
  config: 12 * KiB,
  index: 4 * KiB,
  safetensors: 48 * KiB,
  gguf: 48 * KiB,
  other: 64,
};

/** How much of a GGUF file is asked for at a time: where its head ends it does not say. */
const GGUF_STEP_BYTES = 4 * MiB;

/** More bytes of the file would say no more. */
export function isAllOf(found: FileHead, { sizeBytes }: ModelFile, readBytes: number): boolean {
  if (found.kind === "config" || found.kind === "index") return sizeBytes <= readBytes;
  return found.kind === "other" || found.head === null || found.head.isWhole;
}

/** Reads as much of a file's head as there is, up to `mostBytes`. */
export async function readFileHead(
  file: ModelFile,
  mostBytes: number,
  isDeep: boolean,
  readFrom: ReadFrom,
): Promise<FileHead> {
  const kind = headKindOf(file);
  const end = Math.min(mostBytes, file.sizeBytes);
  const firstEnd = isDeep && kind === "safetensors" ? Math.min(8, end) : end;
  const isStepped = isDeep && kind === "gguf";
  if (isStepped) return { kind, head: await readGguf(end, readFrom) };
  const bytes = firstEnd === 0 ? new Uint8Array() : await readFrom(0, firstEnd);
  switch (kind) {
    case "config":
      return { kind, head: readConfigHead(bytes) };
    case "index":
      return { kind, head: readIndexHead(bytes) };
    case "gguf":
      return { kind, head: readGgufHead(bytes) };
    case "safetensors":
      return { kind, head: await readSafetensors(file, bytes, end, readFrom) };
    case "other":
      return { kind, isAsNamed: /\.onnx$/iu.test(file.key) ? isOnnx(bytes) : isPyTorch(bytes) };
    default:
      return kind satisfies never;
  }
}

/** Exactly as much as the first 8 bytes say. */
async function readSafetensors(
  { sizeBytes }: ModelFile,
  first: Uint8Array,
  end: number,
  readFrom: ReadFrom,
): Promise<SafetensorsHead | null> {
  const headBytes = safetensorsHeadBytes(first, sizeBytes);
  if (headBytes === null || first.length > 8) return readSafetensorsHead(first, sizeBytes);
  const rest = await readFrom(8, Math.min(headBytes, end));
  return readSafetensorsHead(joined([first, rest]), sizeBytes);
}

async function readGguf(end: number, readFrom: ReadFrom): Promise<GgufHead | null> {
  const parts: Uint8Array[] = [];
  let head: GgufHead | null = null;
  for (let start = 0; start < end && head?.isWhole !== true; start += GGUF_STEP_BYTES) {
    parts.push(await readFrom(start, Math.min(start + GGUF_STEP_BYTES, end)));
    head = readGgufHead(joined(parts));
    if (head === null) return null;
  }
  return head;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts);
}
