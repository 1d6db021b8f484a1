import type { SandboxProcess } from "#main/profiles/sandbox-process.ts";
import type { Exchange } from "./moved-twice.ts";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { startSandbox } from "#main/profiles/sandbox-process.ts";
import { readFileSync } from "node:fs";
import type { Tree } from "./tree.ts";
import { sha256Of } from "./tree.ts";

export const BUCKET = "lab";

const Line = z.object({
  atMs: z.number(),
  op: z.string().optional(),
  key: z.string(),
  partNumber: z.number().optional(),
  range: z.string().optional(),
  bodyBytesIn: z.number(),
  bodyBytesOut: z.number(),
});

/** The store of the lab, looked at without the engine: by the AWS SDK, and by the store's own log. */
export class LabStore {
  readonly #sandbox: SandboxProcess;
  readonly #s3: S3Client;
  readonly #logFile: string;
  /** Digests of objects that were read, by key, ETag and time: one that is replaced is read again. */
  readonly #known = new Map<string, string>();

  static async start(folder: string): Promise<LabStore> {
    const logFile = join(folder, "requests.jsonl");
    const options = {
      dir: join(folder, "store"),
      keysFile: join(folder, "keys.json"),
      buckets: [BUCKET],
      logFile,
    };
    return new LabStore(await startSandbox(options, AbortSignal.timeout(60_000)), logFile);
  }

  private constructor(sandbox: SandboxProcess, logFile: string) {
    const { endpoint, region } = sandbox;
    const { accessKeyId, secretAccessKey } = sandbox.credentials;
    this.#sandbox = sandbox;
    this.#logFile = logFile;
    const credentials = { accessKeyId, secretAccessKey };
    this.#s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  }

  get endpoint(): string {
    return this.#sandbox.endpoint;
  }

  /** What a program needs in its environment to use it. */
  get environment(): Readonly<Record<string, string>> {
    const { accessKeyId, secretAccessKey } = this.#sandbox.credentials;
    return {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL: this.#sandbox.endpoint,
      AWS_EC2_METADATA_DISABLED: "true",
    };
  }

  async stop(): Promise<void> {
    this.#s3.destroy();
    await this.#sandbox.stop();
  }

  /** Puts a tree under a prefix, without the engine. */
  async seed(tree: Tree, prefix: string): Promise<void> {
    for (const name of tree.manifest.keys()) {
      const Body = readFileSync(join(tree.folder, name));
      await this.#s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: prefix + name, Body }));
    }
  }

  /** The SHA-256 of every object under a prefix, by the rest of its key, from its bytes. */
  async read(prefix: string): Promise<ReadonlyMap<string, string>> {
    const digests = new Map<string, string>();
    const pages = paginateListObjectsV2({ client: this.#s3 }, { Bucket: BUCKET, Prefix: prefix });
    for await (const page of pages) {
      for (const { Key = "", ETag, LastModified } of page.Contents ?? []) {
        const id = `${Key} ${ETag} ${LastModified?.getTime()}`;
        const digest = this.#known.get(id) ?? (await this.#digest(Key));
        this.#known.set(id, digest);
        digests.set(Key.slice(prefix.length), digest);
      }
    }
    return digests;
  }

  async #digest(key: string): Promise<string> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return sha256Of((await Body?.transformToByteArray()) ?? Buffer.alloc(0));
  }

  /** Keys of uploads that were begun and neither completed nor aborted. */
  async unfinishedUploads(prefix: string): Promise<readonly string[]> {
    const command = new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: prefix });
    const { Uploads = [] } = await this.#s3.send(command);
    return Uploads.map(({ Key = "" }) => Key);
  }

  /** Where the log ends now. */
  mark(): number {
    return statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** What was asked about keys with a prefix since a mark. The lab's own questions are among it. */
  logSince(mark: number, prefix: string): Exchange[] {
    const length = Math.max(0, this.mark() - mark);
    const bytes = Buffer.alloc(length);
    const file = openSync(this.#logFile, "r");
    readSync(file, bytes, 0, length, mark);
    closeSync(file);
    return bytes
      .toString("utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => Line.parse(JSON.parse(line)))
      .filter(({ key }) => key === "" || key.startsWith(prefix));
  }
}
