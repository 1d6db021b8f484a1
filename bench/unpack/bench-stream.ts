/**
 * `npm run bench -- stream [--scale=1] [--runs=3] [--mbit=0] [--fresh]`: downloads a tar of 2 GiB in
 * files of 1 MiB from the sandbox, in turn alone and unpacked as it comes. `--mbit` caps both: on this
 * machine, the server takes its share of the processor too.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { LAB_BUCKET } from "../lab-engine.ts";
import { medianOf } from "../peers/figures.ts";
import { startSandbox } from "../sandbox-child.ts";
import { onDisk } from "./fresh-disk.ts";
import { makeTree } from "./make-tree.ts";

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL("stream-child.ts", import.meta.url));
const LONGEST_MS = 15 * 60_000;
const FILE_BYTES = 2 ** 20;

/** Times of the download alone, at most. */
const REACH = 1.2;

/** Seconds of each turn. */
const Seconds = z.object({ alone: z.array(z.number()), unpacked: z.array(z.number()) });

export async function benchStream(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scale: { type: "string", default: "1" },
      runs: { type: "string", default: "3" },
      mbit: { type: "string", default: "0" },
      fresh: { type: "boolean", default: false },
    },
  });
  const fileCount = Math.ceil(2048 * Number(values.scale));
  const folder = await mkdtemp(join(tmpdir(), "longhaul-bench-"));
  try {
    const tree = join(folder, "tree");
    await makeTree(tree, { fileCount, fileBytes: FILE_BYTES });
    const archive = join(folder, "archive.tar");
    await run("tar", ["-cf", archive, "."], { cwd: tree });
    await rm(tree, { recursive: true });
    const sizeBytes = 8 * fileCount * FILE_BYTES;
    const disk = { isFresh: values.fresh, sizeBytes };
    const seconds = await onDisk(folder, disk, (place) =>
      measure(archive, place, [values.runs, values.mbit]),
    );
    return report(seconds, Number(values.mbit));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param options How often, and the cap in Mbit/s, 0 for none. */
async function measure(archive: string, place: string, options: readonly string[]) {
  const sandbox = await startSandbox(LAB_BUCKET);
  try {
    const { endpoint, accessKeyId, secretAccessKey } = sandbox.address;
    const child = spawn(process.execPath, [CHILD, endpoint, archive, place, ...options], {
      stdio: ["ignore", "pipe", "inherit"],
      signal: AbortSignal.timeout(LONGEST_MS),
      env: {
        PATH: process.env["PATH"],
        HOME: place,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`the engine ended with ${code}`);
    return Seconds.parse(JSON.parse(text));
  } finally {
    await sandbox.stop();
  }
}

function report({ alone, unpacked }: z.infer<typeof Seconds>, mbit: number): boolean {
  const ratio = medianOf(unpacked) / medianOf(alone);
  const cap = mbit === 0 ? "without a cap" : `at ${mbit} Mbit/s`;
  const figures = [alone, unpacked].map((each) => medianOf(each).toFixed(2));
  process.stdout.write(
    `a tar of files of 1 MiB ${cap}: ${figures[0]} s alone, ${figures[1]} s unpacked as it comes, ` +
      `${ratio.toFixed(2)} times (at most ${REACH})\n`,
  );
  return ratio <= REACH;
}
