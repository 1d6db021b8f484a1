import { LonghaulError } from "#shared/errors.ts";
import { NEVER_BEGAN } from "./descriptor-gate.ts";
import type { Task } from "./orders.ts";

export type WriterPorts = {
  /** Whether there is such a thread at the moment. */
  readonly isThere: (worker: number) => boolean;
  readonly tell: (worker: number, task: Task, signal: AbortSignal) => Promise<void>;
  /** As `tell`, any of them, for what has to open a file. */
  readonly openAndTell: (task: Task, signal: AbortSignal) => Promise<void>;
};

/**
 * Which threads wrote which file, and what of it was lost, until somebody who asks for a flush was
 * told. Each thread knows of its own descriptors only.
 */
export class WrittenFiles {
  readonly #ports: WriterPorts;
  readonly #writers = new Map<string, Set<number>>();
  /** By path, what the next flush must tell. */
  readonly #lost = new Map<string, LonghaulError>();

  constructor(ports: WriterPorts) {
    this.#ports = ports;
  }

  /** Before it may begin to write. */
  note(path: string, worker: number): void {
    const workers = this.#writers.get(path) ?? new Set();
    workers.add(worker);
    this.#writers.set(path, workers);
  }

  /** As `Wire.sync`. */
  async sync(path: string, signal: AbortSignal, isLast = false): Promise<void> {
    try {
      this.#throwLost(path);
      const writers = this.#writersOf(path);
      const task = { kind: "sync", path, isOthers: writers.length === 0, isLast } as const;
      // Each of them: what one wrote and lost, no flush of another tells for sure.
      if (task.isOthers) await this.#ports.openAndTell(task, signal);
      else await Promise.all(writers.map((worker) => this.#tell(worker, task, signal)));
      // A thread may have died meanwhile.
      this.#throwLost(path);
      if (isLast) this.#forget(path, writers);
    } catch (thrown) {
      if (!(thrown instanceof LonghaulError)) throw thrown;
      // Of a thread that died meanwhile this tells what it means for the file.
      const error = this.#lost.get(path) ?? thrown;
      await this.close(path, signal).catch(() => undefined);
      // All that was written since the last flush is given up with this.
      this.#lost.delete(path);
      throw error;
    }
  }

  /** They let go of it; who began to write meanwhile has not. */
  #forget(path: string, told: readonly number[]): void {
    const writers = this.#writers.get(path);
    for (const worker of told) writers?.delete(worker);
    if (writers?.size === 0) this.#writers.delete(path);
  }

  /** As `Wire.closeFile`. */
  async close(path: string, signal: AbortSignal): Promise<void> {
    const workers = this.#writersOf(path);
    this.#writers.delete(path);
    const closed = await Promise.allSettled(
      workers.map((worker) => this.#closeIn(worker, path, signal)),
    );
    for (const one of closed) if (one.status === "rejected") throw one.reason;
  }

  /** What a thread that died had written may not be with the system yet, and nobody can ask it. */
  died(worker: number): void {
    for (const [path, workers] of this.#writers) {
      if (!workers.delete(worker)) continue;
      const details = { path, cause: "EIO" };
      this.#lost.set(path, new LonghaulError("disk-failed", "its writer died", { details }));
    }
  }

  /** What a close tells the next flush tells again: whoever asks for that gives up what was written. */
  async #closeIn(worker: number, path: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#tell(worker, { kind: "close-file", path }, signal);
    } catch (error) {
      if (error instanceof LonghaulError) this.#lost.set(path, error);
      throw error;
    }
  }

  /** A thread that could not even begin has nothing to flush or to close. */
  async #tell(worker: number, task: Task, signal: AbortSignal): Promise<void> {
    try {
      await this.#ports.tell(worker, task, signal);
    } catch (error) {
      if (!(error instanceof LonghaulError) || error.details.cause !== NEVER_BEGAN) throw error;
    }
  }

  /** Those that are there. What others had written is durable, or told as lost. */
  #writersOf(path: string): readonly number[] {
    return [...(this.#writers.get(path) ?? [])].filter(this.#ports.isThere);
  }

  #throwLost(path: string): void {
    const lost = this.#lost.get(path);
    this.#lost.delete(path);
    if (lost !== undefined) throw lost;
  }
}
