/** One core doing nothing but the digests that an S3 server owes a part: SHA-256 and MD5. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { parentPort } from "node:worker_threads";

import { DIGEST_LOAD_BYTES } from "./load-task.ts";

const CHUNK_BYTES = 64 * 1024;

const chunk = Buffer.alloc(CHUNK_BYTES, 7);
parentPort?.postMessage("ready", []);
if (parentPort !== null) await once(parentPort, "message");
const hashes = [createHash("sha256"), createHash("md5")];
for (let at = 0; at < DIGEST_LOAD_BYTES; at += CHUNK_BYTES) {
  for (const hash of hashes) hash.update(chunk);
}
parentPort?.postMessage("done", []);
