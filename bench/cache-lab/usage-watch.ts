import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { siblingModule } from "#main/flow/sibling-module.ts";

export type UsageTask = {
  readonly folder: string;
  readonly quotaBytes: number;
  /** Eight bytes of what is being fetched now, and four that end the watch. */
  readonly shared: SharedArrayBuffer;
};

export type UsageSeen = {
  readonly looks: number;
  /** Most that managed copies took. */
  readonly mostBytes: number;
  /** By how much that was over the quota; less than nothing where it never was. */
  readonly overBytes: number;
  /** What was being fetched then. */
  readonly underWayBytes: number;
  /** Most by which they were over the quota and what was being fetched at that moment. */
  readonly excessBytes: number;
};

/** Watches what the managed copies in a folder take of the disk, against a quota. */
export class UsageWatch {
  readonly #shared = new SharedArrayBuffer(12);
  readonly #underWay = new BigInt64Array(this.#shared, 0, 1);
  readonly #stop = new Int32Array(this.#shared, 8, 1);
  readonly #worker: Worker;

  constructor(folder: string, quotaBytes: number) {
    const workerData: UsageTask = { folder, quotaBytes, shared: this.#shared };
    this.#worker = new Worker(siblingModule(import.meta.url, "usage-worker"), { workerData });
  }

  /** So many bytes more, or less, are being fetched. */
  fetching(bytes: number): void {
    Atomics.add(this.#underWay, 0, BigInt(bytes));
  }

  async end(): Promise<UsageSeen> {
    const message = once(this.#worker, "message");
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    const [seen]: UsageSeen[] = await message;
    if (seen === undefined) throw new Error("the watch saw nothing");
    return seen;
  }
}
