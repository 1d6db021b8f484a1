import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expectAtUrl, expectBytes, expectCode, expectEqual, expectSameFile } from "./check.ts";
import type { Check } from "./check.ts";
import { runProgram } from "./run-program.ts";
import type { Finished } from "./run-program.ts";
import { BUCKET, MANY_FOLDERS, manyKeys } from "./stage.ts";
import type { Stage } from "./stage.ts";

export const RCLONE_CANDIDATES = ["/usr/bin/rclone", "rclone"];

type Rclone = (...args: readonly string[]) => Promise<Finished>;

const SMALL = `sandbox:${BUCKET}/rclone/small ü+.bin`;
const LARGE = `sandbox:${BUCKET}/rclone/large.bin`;

/** Checks of rclone. Its keys are in a file of mode 0600, not in its environment. */
export async function rcloneChecks(stage: Stage, program: string): Promise<readonly Check[]> {
  const config = join(stage.folder, "rclone.conf");
  const lines = [
    "[sandbox]",
    "type = s3",
    "provider = Other",
    `endpoint = ${stage.endpoint}`,
    "region = us-east-1",
    "force_path_style = true",
    "chunk_size = 8Mi",
    "upload_cutoff = 8Mi",
    "upload_concurrency = 4",
    `access_key_id = ${stage.keys.accessKeyId}`,
    `secret_access_key = ${stage.keys.secretAccessKey}`,
  ];
  await writeFile(config, `${lines.join("\n")}\n`, { mode: 0o600 });
  const rclone: Rclone = (...args) =>
    runProgram(program, [
      "--config",
      config,
      "--retries",
      "1",
      "--low-level-retries",
      "1",
      ...args,
    ]);
  return [
    ...transferChecks(stage, rclone),
    ...multipartChecks(stage, rclone),
    ...listingChecks(rclone),
    ...deletionChecks(rclone),
  ];
}

async function run(rclone: Rclone, ...args: readonly string[]): Promise<Buffer> {
  const finished = await rclone(...args);
  expectCode(finished);
  return finished.stdout;
}

async function list(rclone: Rclone, ...args: readonly string[]): Promise<string[]> {
  const text = (await run(rclone, "lsf", ...args)).toString();
  return text.split("\n").filter((line) => line !== "");
}

function transferChecks(stage: Stage, rclone: Rclone): Check[] {
  return [
    {
      title: "put",
      run: async () => void (await run(rclone, "copyto", stage.smallFile, SMALL)),
    },
    {
      title: "get",
      run: async () => {
        const back = join(stage.folder, "rclone-small-back");
        await run(rclone, "copyto", SMALL, back);
        await expectSameFile(back, stage.smallFile);
      },
    },
    {
      title: "ranged get",
      run: async () => {
        const bytes = await run(rclone, "cat", "--offset", "1000", "--count", "89000", SMALL);
        await expectBytes(bytes, stage.smallFile, { start: 1000, end: 90_000 });
      },
    },
    {
      title: "presigned get",
      run: async () => {
        const url = await run(rclone, "link", "--expire", "60s", SMALL);
        await expectAtUrl(url.toString(), stage.smallFile);
      },
    },
  ];
}

function multipartChecks(stage: Stage, rclone: Rclone): Check[] {
  return [
    {
      title: "multipart put of 100 MiB",
      run: async () => void (await run(rclone, "copyto", stage.largeFile, LARGE)),
    },
    {
      title: "multipart get of 100 MiB, in ranges at once",
      run: async () => {
        const back = join(stage.folder, "rclone-large-back");
        const streams = ["--multi-thread-streams", "4", "--multi-thread-cutoff", "16Mi"];
        await run(rclone, "copyto", ...streams, LARGE, back);
        await expectSameFile(back, stage.largeFile);
      },
    },
    {
      title: "server-side copy",
      run: async () => {
        const copy = `sandbox:${BUCKET}/rclone/copy.bin`;
        await run(rclone, "copyto", LARGE, copy);
        const [, digest] =
          /^([0-9a-f]{32}) /.exec((await run(rclone, "md5sum", "--download", copy)).toString()) ??
          [];
        const [, expected] =
          /^([0-9a-f]{32}) /.exec((await run(rclone, "md5sum", stage.largeFile)).toString()) ?? [];
        expectEqual(digest, expected);
      },
    },
  ];
}

function listingChecks(rclone: Rclone): Check[] {
  return [
    {
      title: "list with prefix over 2,500 keys",
      run: async () => {
        const listed = await list(rclone, "--recursive", "--files-only", `sandbox:${BUCKET}/many`);
        const expected = manyKeys().map((key) => key.slice("many/".length));
        expectEqual(listed.toSorted(compare), expected.toSorted(compare));
      },
    },
    {
      title: "list with prefix and delimiter",
      run: async () => {
        const listed = await list(rclone, `sandbox:${BUCKET}/many`);
        const folders = listed.filter((name) => name.endsWith("/"));
        expectEqual([listed.length - folders.length, folders.length], [100, MANY_FOLDERS]);
      },
    },
  ];
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function deletionChecks(rclone: Rclone): Check[] {
  return [
    {
      title: "delete",
      run: async () => {
        await run(rclone, "deletefile", LARGE);
        const listed = await list(rclone, `sandbox:${BUCKET}/rclone`);
        expectEqual(listed.toSorted(compare), ["copy.bin", "small ü+.bin"]);
      },
    },
    {
      title: "delete many",
      run: async () => {
        await run(rclone, "purge", `sandbox:${BUCKET}/many`);
        expectEqual(await list(rclone, "--recursive", `sandbox:${BUCKET}/many`), []);
      },
    },
  ];
}
