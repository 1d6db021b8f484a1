import type { Client } from "#shared/client.ts";
import type { Measured, UploadItem } from "./upload-plan.ts";
import { pageFiles } from "./page-files.ts";
import { refsOf, rootsOf } from "./upload-plan.ts";

const NOTHING: Measured = { files: 0, sizeBytes: 0, isCut: false };

/** Counts files and bytes of items; `onProgress` is told while it goes on. */
export async function measureItems(
  items: readonly UploadItem[],
  call: Client["call"],
  signal: AbortSignal,
  onProgress: (soFar: Measured) => void,
): Promise<Measured> {
  let sum = await measureRefs(items, call);
  for await (const page of pageFiles(rootsOf(items), signal)) {
    signal.throwIfAborted();
    const sizeBytes = page.files.reduce((size, { facts }) => size + facts.sizeBytes, 0);
    sum = { ...sum, files: sum.files + page.files.length, sizeBytes: sum.sizeBytes + sizeBytes };
    onProgress(sum);
  }
  return sum;
}

async function measureRefs(items: readonly UploadItem[], call: Client["call"]): Promise<Measured> {
  const sources = refsOf(items);
  if (sources.length === 0) return NOTHING;
  const { files, sizeBytes, isCut } = await call("folder.measure", { sources });
  return { files, sizeBytes, isCut };
}
