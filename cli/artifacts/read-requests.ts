import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk } from "#main/disk/disk-errors.ts";
import { toFsPath } from "#main/disk/local-path.ts";
import type { CommandContext } from "../context.ts";
import type { PlacedRequest } from "./artifact-request.ts";
import { mergeRequests } from "./merge-requests.ts";
import type { ParsedRequests } from "./parse-requests.ts";
import { parseRequests } from "./parse-requests.ts";
import type { Problem } from "./problem.ts";

/** Some twenty thousand requests. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * What these files ask for together. All that is wrong comes at once: of every file first, then of
 * the files together.
 *
 * @param names As typed; `-` is standard input. @throws {LonghaulError} `path-missing`, `invalid`, …
 */
export async function readRequests(
  names: readonly string[],
  context: Pick<CommandContext, "terminal" | "workingFolder">,
): Promise<ParsedRequests> {
  const requests: PlacedRequest[] = [];
  const problems: Problem[] = [];
  // A file that is named twice is read once.
  for (const name of new Set(names)) {
    const parsed = await parseRequests(await read(name, context), name, context.workingFolder);
    requests.push(...parsed.requests);
    problems.push(...parsed.problems);
  }
  if (problems.length > 0) return { requests: [], problems };
  return mergeRequests(requests, process.platform !== "linux");
}

async function read(
  name: string,
  { terminal, workingFolder }: Pick<CommandContext, "terminal" | "workingFolder">,
): Promise<string> {
  if (name === "-") return await terminal.readInput(MAX_BYTES);
  const path = resolve(workingFolder, name);
  return await onDisk(path, "read", async () => {
    const { size } = await stat(toFsPath(path));
    if (size > MAX_BYTES) throw new LonghaulError("invalid", `${name} is longer than 4 MiB`);
    return await readFile(toFsPath(path), "utf8");
  });
}
