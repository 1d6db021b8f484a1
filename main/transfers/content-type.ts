/**
 * Media types by the ending of a name: the registered ones of what people keep in buckets. Formats
 * without one, such as safetensors, gguf and pt, are bytes, which is also what model hubs call them.
 */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["json", "application/json"],
  ["jsonl", "application/jsonl"],
  ["ndjson", "application/x-ndjson"],
  ["yaml", "application/yaml"],
  ["yml", "application/yaml"],
  ["parquet", "application/vnd.apache.parquet"],
  ["arrow", "application/vnd.apache.arrow.file"],
  ["csv", "text/csv"],
  ["tsv", "text/tab-separated-values"],
  ["txt", "text/plain"],
  ["log", "text/plain"],
  ["md", "text/markdown"],
  ["html", "text/html"],
  ["pdf", "application/pdf"],
  ["tar", "application/x-tar"],
  ["tgz", "application/gzip"],
  ["gz", "application/gzip"],
  ["zst", "application/zstd"],
  ["bz2", "application/x-bzip2"],
  ["xz", "application/x-xz"],
  ["zip", "application/zip"],
  ["7z", "application/x-7z-compressed"],
  ["wasm", "application/wasm"],
  ["sqlite", "application/vnd.sqlite3"],
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["gif", "image/gif"],
  ["svg", "image/svg+xml"],
  ["tif", "image/tiff"],
  ["tiff", "image/tiff"],
  ["mp4", "video/mp4"],
  ["webm", "video/webm"],
  ["mp3", "audio/mpeg"],
  ["wav", "audio/wav"],
  ["flac", "audio/flac"],
]);

/** What an object of this key is; bytes where its ending does not say. */
export function contentTypeOf(key: string): string {
  const ending = /\.([^./]+)$/.exec(key)?.[1]?.toLowerCase() ?? "";
  return TYPES.get(ending) ?? "application/octet-stream";
}
