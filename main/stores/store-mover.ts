import { createHash } from "node:crypto";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWire } from "../wire/create-wire.ts";
import type { Meter, Received, Wire } from "../wire/wire.ts";
import type {
  CompleteOrder,
  GetOperation,
  ObjectInfo,
  PutOperation,
  Store,
  Stored,
  StoredPart,
  UploadRef,
  WriteCondition,
} from "./store.ts";

export type SentUpload = { readonly upload: UploadRef; readonly parts: readonly StoredPart[] };

const never = new AbortController().signal;

/** Moves bytes between memory and a store by way of files and the wire; for the suite. */
export class StoreMover {
  #store: Store | undefined;
  #wire: Wire | undefined;
  #meter: Meter | undefined;
  #folder = "";
  #files = 0;

  async open(store: Store): Promise<void> {
    this.#store = store;
    this.#folder = await mkdtemp(join(tmpdir(), "longhaul-store-"));
    this.#wire = createWire({ workers: 1 });
    this.#meter = this.#wire.openMeter();
  }

  async close(): Promise<void> {
    await this.#wire?.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 9 });
  }

  async put(
    key: string,
    bytes: Buffer,
    condition: WriteCondition = { kind: "any" },
    operation = putOf(key, bytes, condition),
  ): Promise<Stored> {
    return this.#send(operation, bytes);
  }

  async putPart(upload: UploadRef, number: number, bytes: Buffer): Promise<StoredPart> {
    const sha256 = sha256Of(bytes);
    const sizeBytes = bytes.length;
    const operation: PutOperation = { kind: "put-part", upload, number, sizeBytes, sha256 };
    const { etag } = await this.#send(operation, bytes);
    return { number, sizeBytes, etag, sha256 };
  }

  /** Opens an upload and sends it, without completing it. */
  async upload(key: string, bodies: readonly Buffer[]): Promise<SentUpload> {
    const partSizeBytes = bodies[0]?.length ?? 1;
    const upload = await this.store.openUpload(key, { partSizeBytes }, never);
    const parts: StoredPart[] = [];
    for (const [index, bytes] of bodies.entries()) {
      parts.push(await this.putPart(upload, index + 1, bytes));
    }
    return { upload, parts };
  }

  async complete({ upload, parts }: SentUpload, condition: WriteCondition): Promise<Stored> {
    const sizeBytes = parts.reduce((total, part) => total + part.sizeBytes, 0);
    const order: CompleteOrder = { upload, parts, condition, sizeBytes };
    return this.store.complete(order, never);
  }

  /** The whole object. @throws what the store makes of a refusal. */
  async get(object: ObjectInfo): Promise<Buffer> {
    const operation: GetOperation = { kind: "get", object, range: null };
    const result = await this.receive(operation);
    if (result.outcome === "refused") throw this.store.explainRefusal(operation, result.response);
    if (result.outcome === "cut") throw result.error;
    return this.received();
  }

  async receive(operation: GetOperation): Promise<Received> {
    const { request, expect } = await this.store.sign(operation, never);
    this.#files += 1;
    const file = await open(this.#path(), "w");
    await file.close();
    const { start, end } = operation.range ?? { start: 0, end: operation.object.sizeBytes };
    const target = { path: this.#path(), start: 0, end: end - start };
    const order = { request, expect, target, cuts: [], meter: this.meter };
    return this.wire.receive(order, never);
  }

  async received(): Promise<Buffer> {
    return readFile(this.#path());
  }

  async #send(operation: PutOperation, bytes: Buffer): Promise<Stored> {
    this.#files += 1;
    await writeFile(this.#path(), bytes);
    const source = { path: this.#path(), start: 0, end: bytes.length };
    const body = await this.wire.load({ source }, never);
    try {
      const { request } = await this.store.sign(operation, never);
      const response = await this.wire.send({ body, request, meter: this.meter }, never);
      return this.store.readStored(operation, response);
    } finally {
      this.wire.release(body);
    }
  }

  get store(): Store {
    return present(this.#store);
  }

  get wire(): Wire {
    return present(this.#wire);
  }

  get meter(): Meter {
    return present(this.#meter);
  }

  #path(): string {
    return join(this.#folder, String(this.#files));
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the suite has not opened yet");
  return value;
}

export function putOf(key: string, bytes: Buffer, condition: WriteCondition): PutOperation {
  return { kind: "put", key, sizeBytes: bytes.length, sha256: sha256Of(bytes), condition };
}

export function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

let seed = 0;

/** Other bytes with every call, the same in every run. */
export function nextBytes(size: number): Buffer {
  seed += 1;
  const block = createHash("shake256", { outputLength: 4096 }).update(String(seed)).digest();
  return Buffer.alloc(size, block);
}
