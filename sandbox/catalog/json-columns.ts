import { z } from "zod";

import { CHECKSUM_ALGORITHMS } from "../bodies/checksums.ts";
import type { Checksum } from "../bodies/checksums.ts";

/** Headers kept with an object and sent back: `content-type`, `x-amz-meta-…`, lower case. */
const StoredHeaders = z.record(z.string(), z.string());
export type StoredHeaders = z.infer<typeof StoredHeaders>;

const StoredChecksum = z.strictObject({
  algorithm: z.enum(CHECKSUM_ALGORITHMS),
  type: z.enum(["COMPOSITE", "FULL_OBJECT"]),
  value: z.string(),
});

export function parseHeaders(json: string): StoredHeaders {
  return StoredHeaders.parse(JSON.parse(json));
}

export function parseChecksum(json: string | undefined): Checksum | undefined {
  return json === undefined ? undefined : StoredChecksum.parse(JSON.parse(json));
}
