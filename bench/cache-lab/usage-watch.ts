import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { siblingModule } from "#main/flow/sibling-module.ts";
import type { UsageSeen, UsageTask } from "./usage-worker.ts";

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
