import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Keys } from "./store.ts";

/** A client that shares nothing with the engine: what it reads is what is there. */
export class Reader {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(endpoint: string, bucket: string, credentials: Keys) {
    this.#client = new S3Client({
      endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials,
    });
    this.#bucket = bucket;
  }

  /** SHA-256 in hex of an object's bytes. */
  async digest(key: string): Promise<string> {
    const answer = await this.#client.send(
      new GetObjectCommand({ Bucket: this.#bucket, Key: key }),
    );
    if (!(answer.Body instanceof Readable)) throw new Error(`${key} came without a body`);
    const hash = createHash("sha256");
    for await (const chunk of answer.Body) hash.update(chunk);
    return hash.digest("hex");
  }

  /** What an object says besides its bytes. */
  async facts(key: string): Promise<{ contentType: string; metadata: Record<string, string> }> {
    const answer = await this.#client.send(
      new HeadObjectCommand({ Bucket: this.#bucket, Key: key }),
    );
    return { contentType: answer.ContentType ?? "", metadata: answer.Metadata ?? {} };
  }

  /** Keys under a prefix with the digests of their bytes; the prefix is taken off. */
  async digests(prefix: string): Promise<Record<string, string>> {
    const keys = await this.keys(prefix);
    const found: Record<string, string> = {};
    for (const key of keys) found[key.slice(prefix.length)] = await this.digest(key);
    return found;
  }

  /** Every key under a prefix. */
  async keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }

  /** From now on the bucket keeps what is replaced. */
  async keepVersions(): Promise<void> {
    const asked = { Bucket: this.#bucket, VersioningConfiguration: { Status: "Enabled" } } as const;
    await this.#client.send(new PutBucketVersioningCommand(asked));
  }

  /** Writes an object to a file. */
  async getFile(key: string, path: string): Promise<void> {
    const asked = { Bucket: this.#bucket, Key: key };
    const answer = await this.#client.send(new GetObjectCommand(asked));
    if (!(answer.Body instanceof Readable)) throw new Error(`${key} came without a body`);
    await pipeline(answer.Body, createWriteStream(path));
  }

  /** Puts a file as one object. */
  async putFile(key: string, path: string): Promise<void> {
    const { size } = await stat(path);
    const body = { Body: createReadStream(path), ContentLength: size };
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, ...body }));
  }
}
