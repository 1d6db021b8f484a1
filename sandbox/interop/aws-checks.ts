import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { expectAtUrl, expectBytes, expectCode, expectEqual, expectSameFile } from "./check.ts";
import type { Check } from "./check.ts";
import { runProgram } from "./run-program.ts";
import type { Finished } from "./run-program.ts";
import { BUCKET, MANY_FOLDERS, manyKeys } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** Debian's first; what else is on the path may be a shim that stands for nothing. */
export const AWS_CANDIDATES = ["/usr/bin/aws", "aws"];

const Head = z.object({ ContentLength: z.number(), ETag: z.string() });
const Listing = z.object({
  Contents: z.array(z.object({ Key: z.string() })).default([]),
  CommonPrefixes: z.array(z.object({ Prefix: z.string() })).default([]),
});

/** Checks of aws-cli. Its keys are in a file of mode 0600, not in its environment. */
export async function awsChecks(stage: Stage, program: string): Promise<readonly Check[]> {
  const credentials = join(stage.folder, "aws-credentials");
  const { accessKeyId, secretAccessKey } = stage.keys;
  const text = `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  await writeFile(credentials, text, { mode: 0o600 });
  const env = {
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    AWS_CONFIG_FILE: join(stage.folder, "aws-config"),
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
    AWS_PAGER: "",
  };
  const aws: Aws = (...args) =>
    runProgram(program, ["--endpoint-url", stage.endpoint, "--no-cli-pager", ...args], env);
  return [
    ...transferChecks(stage, aws),
    ...multipartChecks(stage, aws),
    ...listingChecks(aws),
    ...deletionChecks(aws),
  ];
}

type Aws = (...args: readonly string[]) => Promise<Finished>;

/** Runs what must end well and gives back its standard output. */
async function run(aws: Aws, ...args: readonly string[]): Promise<string> {
  const finished = await aws(...args);
  expectCode(finished);
  return finished.stdout.toString();
}

const SMALL = ["--bucket", BUCKET, "--key", "aws/small ü+.bin"] as const;
const LARGE = `s3://${BUCKET}/aws/large.bin`;

function transferChecks(stage: Stage, aws: Aws): Check[] {
  const back = join(stage.folder, "aws-small-back");
  return [
    {
      title: "put",
      run: async () => {
        await run(
          aws,
          "s3api",
          "put-object",
          ...SMALL,
          "--body",
          stage.smallFile,
          "--metadata",
          "a=1",
        );
      },
    },
    {
      title: "get",
      run: async () => {
        await run(aws, "s3api", "get-object", ...SMALL, back);
        await expectSameFile(back, stage.smallFile);
      },
    },
    {
      title: "ranged get",
      run: async () => {
        await run(aws, "s3api", "get-object", ...SMALL, "--range", "bytes=1000-89999", back);
        await expectBytes(await readFile(back), stage.smallFile, { start: 1000, end: 90_000 });
      },
    },
    {
      title: "presigned get",
      run: async () => {
        const key = `s3://${BUCKET}/aws/small ü+.bin`;
        const url = await run(aws, "s3", "presign", key, "--expires-in", "60");
        await expectAtUrl(url, stage.smallFile);
      },
    },
  ];
}

function multipartChecks(stage: Stage, aws: Aws): Check[] {
  const back = join(stage.folder, "aws-large-back");
  return [
    {
      title: "multipart put of 100 MiB",
      run: async () => {
        await run(aws, "s3", "cp", "--quiet", stage.largeFile, LARGE);
        const args = ["s3api", "head-object", "--bucket", BUCKET, "--key", "aws/large.bin"];
        const head = Head.parse(JSON.parse(await run(aws, ...args)));
        expectEqual([head.ContentLength, /-\d+"$/.test(head.ETag)], [100 * 1024 ** 2, true]);
      },
    },
    {
      title: "multipart get of 100 MiB",
      run: async () => {
        await run(aws, "s3", "cp", "--quiet", LARGE, back);
        await expectSameFile(back, stage.largeFile);
      },
    },
  ];
}

function listingChecks(aws: Aws): Check[] {
  const list = async (...args: readonly string[]): Promise<z.infer<typeof Listing>> => {
    const text = await run(aws, "s3api", "list-objects-v2", "--bucket", BUCKET, ...args);
    return Listing.parse(JSON.parse(text));
  };
  return [
    {
      title: "list with prefix over 2,500 keys",
      run: async () => {
        const listed = (await list("--prefix", "many/")).Contents.map((object) => object.Key);
        expectEqual(listed, manyKeys().toSorted(compareBytes));
      },
    },
    {
      title: "list with prefix and delimiter",
      run: async () => {
        const listed = await list("--prefix", "many/", "--delimiter", "/", "--page-size", "7");
        expectEqual([listed.Contents.length, listed.CommonPrefixes.length], [100, MANY_FOLDERS]);
      },
    },
  ];
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function deletionChecks(aws: Aws): Check[] {
  return [
    {
      title: "delete",
      run: async () => {
        await run(aws, "s3", "rm", "--quiet", LARGE);
        expectCode(await aws("s3", "ls", LARGE), 1);
      },
    },
    {
      title: "delete many",
      run: async () => {
        await run(aws, "s3", "rm", "--quiet", "--recursive", `s3://${BUCKET}/aws/`);
        expectCode(await aws("s3", "ls", `s3://${BUCKET}/aws/`), 1);
      },
    },
  ];
}
