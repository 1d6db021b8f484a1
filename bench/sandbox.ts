import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { PART_BYTES, PartSource, sha256 } from "./part-source.ts";
import { createSigner, EMPTY_SHA256 } from "./s3-signer.ts";
import type { Order } from "./s3-signer.ts";
import { startSandbox } from "./sandbox-child.ts";
import type { SandboxAddress } from "./sandbox-child.ts";
import { DIGEST_LOAD_BYTES, LoadedPart } from "./load-task.ts";
import type { LoadTask } from "./load-task.ts";

/** What the issue asks of the sandbox, in MiB/s, with the client on the same two cores. */
const NEEDS = { in: 300, out: 450 };

const OBJECT_BYTES = 1024 ** 3;
const PARTS = OBJECT_BYTES / PART_BYTES;
const WORKERS = 2;
const CONNECTIONS = 8;
const BUCKET = "bench";

type Verb = LoadTask["verb"];
type Digests = LoadTask["digests"];
type Round = { readonly mibPerSecond: number; readonly parts: readonly LoadedPart[] };

/**
 * One 1 GiB object in 16 MiB parts over 8 connections, payloads signed with their SHA-256, which is
 * also the checksum, and every byte that comes back checked. The figures that count have the
 * client's digests made before the clock starts, since they measure the server; the others show
 * what is left on this machine when the client digests on the same cores.
 */
export async function benchSandbox(): Promise<boolean> {
  const sandbox = await startSandbox(BUCKET);
  try {
    const noise = new Uint8Array(PartSource.random());
    const ceiling = await measureCeiling();
    say(`digests alone, both cores: ${ceiling} MiB/s\n`);
    say("client digests      in MiB/s   out MiB/s");
    const ahead = await measure(sandbox.address, noise, "ahead");
    const meanwhile = await measure(sandbox.address, noise, "meanwhile");
    say("");
    const isMet = ahead.in >= NEEDS.in && ahead.out >= NEEDS.out;
    say(
      `sandbox: in ${ahead.in} MiB/s (needs ${NEEDS.in}; digests alone ${ceiling}), ` +
        `out ${ahead.out} MiB/s (needs ${NEEDS.out}); ` +
        `client digesting too: in ${meanwhile.in}, out ${meanwhile.out}`,
    );
    return isMet;
  } finally {
    await sandbox.stop();
  }
}

/** MiB/s at which both cores make a part's digests and nothing else: no server can be faster. */
async function measureCeiling(): Promise<number> {
  const workers = Array.from(
    { length: WORKERS },
    () => new Worker(new URL("./digest-load.ts", import.meta.url)),
  );
  const { seconds } = await timeWorkers(workers);
  return Math.round((WORKERS * DIGEST_LOAD_BYTES) / 1024 ** 2 / seconds);
}

type Timed = { readonly seconds: number; readonly answers: readonly unknown[] };

/** From the word "go", when all are ready, to the end of `finish` over their answers. */
async function timeWorkers(
  workers: readonly Worker[],
  finish: (answers: readonly unknown[]) => Promise<void> = () => Promise.resolve(),
): Promise<Timed> {
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const started = performance.now();
  for (const worker of workers) worker.postMessage("go", []);
  const messages = await Promise.all(workers.map((worker) => once(worker, "message")));
  const answers = messages.flat();
  await finish(answers);
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { seconds, answers };
}

type Speeds = { readonly in: number; readonly out: number };

async function measure(
  address: SandboxAddress,
  noise: Uint8Array,
  digests: Digests,
): Promise<Speeds> {
  const object = await createUpload(address, `/${BUCKET}/${digests}`);
  const { path, uploadId } = object;
  const base = { address, noise: new Uint8Array(noise), digests, path, uploadId };
  const put = await runRound({ ...base, verb: "put", expected: new Map() }, (parts) =>
    object.complete(parts),
  );
  const expected = new Map(put.parts.map((part) => [part.number, part.sha256]));
  const get = await runRound({ ...base, verb: "get", expected }, () => Promise.resolve());
  const speeds = { in: Math.round(put.mibPerSecond), out: Math.round(get.mibPerSecond) };
  say(`${digests.padEnd(16)} ${String(speeds.in).padStart(11)} ${String(speeds.out).padStart(11)}`);
  return speeds;
}

type RoundTask = Omit<LoadTask, "numbers" | "connections"> & { readonly verb: Verb };

async function runRound(
  task: RoundTask,
  finish: (parts: readonly LoadedPart[]) => Promise<void>,
): Promise<Round> {
  const workers = Array.from({ length: WORKERS }, (_, index) => {
    const numbers = Array.from({ length: PARTS }, (_part, part) => part + 1).filter(
      (number) => number % WORKERS === index,
    );
    const workerData: LoadTask = { ...task, numbers, connections: CONNECTIONS / WORKERS };
    return new Worker(new URL("./sandbox-load.ts", import.meta.url), { workerData });
  });
  const read = (answers: readonly unknown[]): LoadedPart[] =>
    answers.flatMap((answer) => LoadedPart.array().parse(answer));
  const { seconds, answers } = await timeWorkers(workers, (moved) => finish(read(moved)));
  return { mibPerSecond: OBJECT_BYTES / 1024 ** 2 / seconds, parts: read(answers) };
}

type OpenObject = {
  readonly path: string;
  readonly uploadId: string;
  readonly complete: (parts: readonly LoadedPart[]) => Promise<void>;
};

async function createUpload(address: SandboxAddress, path: string): Promise<OpenObject> {
  const created = await call(address, {
    method: "POST",
    path,
    query: { uploads: "" },
    headers: { "x-amz-checksum-algorithm": "SHA256" },
    sha256: EMPTY_SHA256,
  });
  const uploadId = /<UploadId>(.*)<\/UploadId>/.exec(created)?.[1] ?? "";
  return {
    path,
    uploadId,
    complete: async (parts) => {
      const body = completeDocument(parts);
      const query = { uploadId };
      const digest = sha256(Buffer.from(body));
      const answer = await call(address, { method: "POST", path, query, sha256: digest }, body);
      if (!answer.includes("<CompleteMultipartUploadResult")) throw new Error(answer);
    },
  };
}

function completeDocument(parts: readonly LoadedPart[]): string {
  const elements = parts
    .toSorted((a, b) => a.number - b.number)
    .map((part) => {
      const checksum = Buffer.from(part.sha256, "hex").toString("base64");
      return `<Part><PartNumber>${part.number}</PartNumber><ETag>${part.etag}</ETag><ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`;
    });
  return `<CompleteMultipartUpload>${elements.join("")}</CompleteMultipartUpload>`;
}

async function call(address: SandboxAddress, order: Order, body?: string): Promise<string> {
  const { method, path, headers } = await createSigner(address)(order);
  const answer = await fetch(`${address.endpoint}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
