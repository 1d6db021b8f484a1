/** The client of the sandbox bench: one thread of it, with its share of parts and connections. */
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";

import { Pool } from "undici";

import { LoadTask } from "./load-task.ts";
import type { LoadedPart } from "./load-task.ts";
import { PART_BYTES, PartSource, sha256 } from "./part-source.ts";
import { receiveSame, receiveSha256 } from "./receive-part.ts";
import { EMPTY_SHA256, createSigner } from "./s3-signer.ts";

const task = LoadTask.parse(workerData);
const source = new PartSource(task.noise);
const sign = createSigner(task.address);
const pool = new Pool(task.address.endpoint, { connections: task.connections, pipelining: 1 });
const ahead = new Map<number, string>();

if (task.digests === "ahead") {
  const block = Buffer.allocUnsafeSlow(PART_BYTES);
  for (const number of task.numbers) {
    source.fill(number, block);
    ahead.set(number, sha256(block));
  }
}
parentPort?.postMessage("ready", []);
if (parentPort !== null) await once(parentPort, "message");
parentPort?.postMessage(await runAll(), []);
await pool.close();

async function runAll(): Promise<LoadedPart[]> {
  const waiting = [...task.numbers];
  const lanes = Array.from({ length: task.connections }, async () => {
    const block = Buffer.allocUnsafeSlow(PART_BYTES);
    const done: LoadedPart[] = [];
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      done.push(await (task.verb === "put" ? putPart(number, block) : getPart(number)));
    }
    return done;
  });
  return (await Promise.all(lanes)).flat();
}

async function putPart(number: number, block: Buffer): Promise<LoadedPart> {
  source.fill(number, block);
  const digest = ahead.get(number) ?? sha256(block);
  const order = await sign({
    method: "PUT",
    path: task.path,
    query: { partNumber: String(number), uploadId: task.uploadId },
    headers: {
      "content-length": String(PART_BYTES),
      "x-amz-checksum-sha256": Buffer.from(digest, "hex").toString("base64"),
    },
    sha256: digest,
  });
  const answer = await pool.request({ ...order, body: block });
  const text = await answer.body.text();
  const etag = answer.headers["etag"];
  if (answer.statusCode !== 200 || typeof etag !== "string") throw new Error(text);
  return { number, etag, sha256: digest };
}

/** Every byte is checked: against the source, or by digest as a client without it would. */
async function getPart(number: number): Promise<LoadedPart> {
  const start = (number - 1) * PART_BYTES;
  const order = await sign({
    method: "GET",
    path: task.path,
    headers: { range: `bytes=${start}-${start + PART_BYTES - 1}` },
    sha256: EMPTY_SHA256,
  });
  const isRight =
    task.digests === "ahead"
      ? await receiveSame(pool, order, (at, bytes) => source.matches(number, at, bytes))
      : (await receiveSha256(pool, order)) === task.expected.get(number);
  if (!isRight) throw new Error(`Part ${number} came back wrong.`);
  return { number, etag: "", sha256: "" };
}
