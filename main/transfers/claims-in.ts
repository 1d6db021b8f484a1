import { LonghaulError } from "#shared/errors.ts";
import { foldsCase } from "../disk/folds-case.ts";
import { NameClaims } from "../disk/name-claims.ts";
import type { RunPorts } from "./run-ports.ts";

/** Claims of names below a folder, where no two that are one file on its disk can be had. */
export async function claimsIn(
  folder: string,
  ports: Pick<RunPorts, "foldsCase">,
): Promise<NameClaims> {
  const isCaseFolded = process.platform !== "linux" || (await isFolded(folder, ports));
  return new NameClaims({ isCaseFolded });
}

/** A folder that cannot be looked at says nothing; what comes of it is for whoever writes there. */
async function isFolded(
  folder: string,
  { foldsCase: ask = foldsCase }: Pick<RunPorts, "foldsCase">,
): Promise<boolean> {
  try {
    return await ask(folder);
  } catch (error) {
    if (!(error instanceof LonghaulError)) throw error;
    return false;
  }
}
