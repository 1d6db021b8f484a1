import type { LocalRef } from "#shared/transfer-request.ts";
import { isAbsolute, resolve } from "node:path";
import { LonghaulError } from "#shared/errors.ts";

/**
 * The path of a reference that another process of this user names: it has looked at its own bounds,
 * and only it knows the folder that it works in.
 *
 * @throws {LonghaulError} `invalid`
 */
export async function localResolve(ref: LocalRef): Promise<string> {
  if ("path" in ref && isAbsolute(ref.path) && !ref.path.includes("\0")) return resolve(ref.path);
  throw new LonghaulError("invalid", "a path must be absolute");
}
