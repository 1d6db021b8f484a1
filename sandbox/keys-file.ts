import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { z } from "zod";

import type { Keys } from "./auth/authenticate.ts";

/** `{"accessKeyId":"LHSANDBOX…","secretAccessKey":"…"}`, mode 0600. */
const KeysFile = z.strictObject({
  accessKeyId: z.string().min(3),
  secretAccessKey: z.string().min(8),
});

/** @throws {Error} when the file is not there or holds something else. */
export function readKeys(path: string): Keys {
  return KeysFile.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** Makes the file, with random keys, unless it is there. */
export function ensureKeys(path: string): void {
  const keys: Keys = {
    accessKeyId: `LHSANDBOX${randomBytes(6).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${JSON.stringify(keys)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
