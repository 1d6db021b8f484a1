import { z } from "zod";

import { SandboxAddress } from "./sandbox-child.ts";

/** What one thread of the bench's client is told to do. */
export const LoadTask = z.strictObject({
  address: SandboxAddress,
  /** `/bucket/key`. */
  path: z.string(),
  verb: z.enum(["put", "get"]),
  uploadId: z.string(),
  /** Parts to move, from 1. */
  numbers: z.array(z.int().positive()),
  connections: z.int().positive(),
  /** Ahead: the client digests before the clock starts and compares bytes on the way back. */
  digests: z.enum(["ahead", "meanwhile"]),
  noise: z.instanceof(Uint8Array),
  /** SHA-256 of each part in hex, for `get` with digests `meanwhile`. */
  expected: z.map(z.int(), z.string()),
});
export type LoadTask = z.infer<typeof LoadTask>;

/** What each thread digests to find the ceiling that digests set. */
export const DIGEST_LOAD_BYTES = 256 * 1024 ** 2;

/** One part that was moved. */
export const LoadedPart = z.strictObject({
  number: z.int(),
  etag: z.string(),
  sha256: z.string(),
});
export type LoadedPart = z.infer<typeof LoadedPart>;
