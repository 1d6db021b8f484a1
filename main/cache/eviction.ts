import { hash } from "node:crypto";
import { LonghaulError } from "#shared/errors.ts";
import { keptFreeBytes } from "../disk/free-space.ts";
import type { Volume } from "../disk/free-space.ts";
import { Semaphore } from "../flow/semaphore.ts";
import type { CacheFolders, KeptFolder } from "./cache-folders.ts";
import type { CacheJournal } from "./cache-journal.ts";
import type { Entry } from "./entry.ts";
import { evict } from "./evict.ts";
import type { HeldPaths } from "./held-paths.ts";
import type { FolderGoal, Going, PlanPorts } from "./plan-eviction.ts";
import { planAcross, planFolder } from "./plan-eviction.ts";

export type EvictionPorts = {
  readonly journal: CacheJournal;
  readonly folders: CacheFolders;
  readonly held: HeldPaths;
  /** Tells what unfinished transfers use, as of now. */
  readonly queued: () => (entry: Entry) => boolean;
  readonly readVolume: (folder: string) => Promise<Volume>;
  readonly onChange: () => void;
};

/** What a person or a quota asks for. */
export type Goal = {
  /** Null: as much as quotas and floors ask for. */
  readonly freeBytes: number | null;
  /** Null: in all folders. */
  readonly folder: string | null;
};

export type Plan = {
  readonly going: readonly Going[];
  readonly freedBytes: number;
  readonly isEnough: boolean;
  /** Names this very list. */
  readonly name: string;
};

export type Freed = {
  readonly freedBytes: number;
  readonly count: number;
  readonly keptCount: number;
};

/** Chooses the copies that go, and lets them go; one order after the other, so that each is exact. */
export class Eviction {
  readonly #ports: EvictionPorts;
  readonly #turn = new Semaphore(1);

  constructor(ports: EvictionPorts) {
    this.#ports = ports;
  }

  async preview(goal: Goal, signal: AbortSignal): Promise<Plan> {
    const { folders } = this.#ports;
    const asked = goal.folder === null ? folders.list() : [folders.get(goal.folder)];
    const there = await this.#there(asked);
    const ports = this.#planPorts();
    if (goal.freeBytes !== null) {
      const paths = there.map(({ path }) => path);
      const going = await planAcross(paths, goal.freeBytes, ports, signal);
      return toPlan(going, (freedBytes) => freedBytes >= (goal.freeBytes ?? 0));
    }
    const going: Going[] = [];
    let isEnough = true;
    for (const folder of there) {
      const wish = await this.#goalOf(folder, 0);
      const planned = await planFolder(wish, ports, signal);
      going.push(...planned);
      isEnough &&= isReached(wish, planned);
    }
    return toPlan(going, () => isEnough);
  }

  /**
   * @throws {LonghaulError} `conflict` when the list is another one than expected; then nothing goes.
   */
  async free(
    goal: Goal,
    expected: { readonly name: string; readonly freedBytes: number },
    signal: AbortSignal,
  ): Promise<Freed> {
    return await this.#inTurn(signal, async () => {
      const plan = await this.preview(goal, signal);
      if (plan.name !== expected.name || plan.freedBytes !== expected.freedBytes) {
        throw new LonghaulError("conflict", "what would be deleted is not what it was", {
          details: { cause: "cache-plan" },
        });
      }
      return await this.#evict(plan.going, signal);
    });
  }

  /** Evicts what quotas and floors ask for. */
  async tend(signal: AbortSignal): Promise<Freed> {
    return await this.#inTurn(signal, async () => {
      const plan = await this.preview({ freeBytes: null, folder: null }, signal);
      return await this.#evict(plan.going, signal);
    });
  }

  /** Evicts until so many bytes more fit under a folder's quota. @returns false where they cannot. */
  async makeRoom(folder: KeptFolder, bytes: number, signal: AbortSignal): Promise<boolean> {
    const { quotaBytes } = folder;
    if (quotaBytes === null) return true;
    if (bytes > quotaBytes) return false;
    return await this.#inTurn(signal, async () => {
      const wish = { ...(await this.#goalOf(folder, bytes)), freeBytes: 0 };
      if (wish.overBytes <= 0) return true;
      const going = await planFolder(wish, this.#planPorts(), signal);
      // What can never fit makes nothing go.
      if (!isReached(wish, going)) return false;
      return (await this.#evict(going, signal)).keptCount === 0;
    });
  }

  /**
   * Evicts until so many bytes more are free on the disk of `folder`, for what is to come there; nothing
   * goes where that cannot be. @returns whether it can.
   */
  async makeFree(folder: string, bytes: number, signal: AbortSignal): Promise<boolean> {
    return await this.#inTurn(signal, async () => {
      const paths = await this.#besides(folder);
      const sums = await Promise.all(paths.map((path) => this.#ports.journal.entrySums(path)));
      // Most often there is too little of it, and this is asked again and again.
      if (sums.reduce((sum, { usedBytes }) => sum + usedBytes, 0) < bytes) return false;
      const going = await planAcross(paths, bytes, this.#planPorts(), signal);
      const freedBytes = going.reduce((sum, { freesBytes }) => sum + freesBytes, 0);
      if (freedBytes < bytes) return false;
      return (await this.#evict(going, signal)).freedBytes >= bytes;
    });
  }

  /** Cache folders on the disk that a folder is on. */
  async #besides(folder: string): Promise<readonly string[]> {
    const { id } = await this.#ports.readVolume(folder);
    const near: string[] = [];
    for (const { path } of await this.#there(this.#ports.folders.list())) {
      if ((await this.#ports.readVolume(path)).id === id) near.push(path);
    }
    return near;
  }

  async #goalOf(
    { path, quotaBytes, keepFreeBytes }: KeptFolder,
    more: number,
  ): Promise<FolderGoal> {
    const { usedBytes } = await this.#ports.journal.entrySums(path);
    const { freeBytes, totalBytes } = await this.#ports.readVolume(path);
    const overBytes = quotaBytes === null ? 0 : usedBytes + more - quotaBytes;
    return { path, overBytes, freeBytes: floorOf(keepFreeBytes, totalBytes) - freeBytes };
  }

  async #there(folders: readonly KeptFolder[]): Promise<readonly KeptFolder[]> {
    const there: KeptFolder[] = [];
    for (const folder of folders) {
      if (await this.#ports.folders.isThere(folder)) there.push(folder);
    }
    return there;
  }

  #planPorts(): PlanPorts {
    const { journal, held, queued } = this.#ports;
    const isQueued = queued();
    return { journal, isBusy: (entry) => held.has(entry.path) || isQueued(entry) };
  }

  async #evict(going: readonly Going[], signal: AbortSignal): Promise<Freed> {
    if (going.length === 0) return { freedBytes: 0, count: 0, keptCount: 0 };
    const entries = going.map(({ entry }) => entry);
    const { gone, kept } = await evict(entries, this.#ports, signal);
    this.#ports.onChange();
    const frees = new Map(going.map(({ entry, freesBytes }) => [entry, freesBytes]));
    const freedBytes = gone.reduce((sum, entry) => sum + (frees.get(entry) ?? 0), 0);
    return { freedBytes, count: gone.length, keptCount: kept.length };
  }

  async #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const leave = await this.#turn.acquire(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  }
}

/** What is kept free of a disk: a person's wish, and never less than transfers leave. */
export function floorOf(keepFreeBytes: number | null, totalBytes: number): number {
  return Math.max(keepFreeBytes ?? 0, keptFreeBytes(totalBytes));
}

function isReached({ overBytes, freeBytes }: FolderGoal, going: readonly Going[]): boolean {
  const gone = going.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
  const freed = going.reduce((sum, { freesBytes }) => sum + freesBytes, 0);
  return gone >= overBytes && freed >= freeBytes;
}

function toPlan(going: readonly Going[], isEnough: (freedBytes: number) => boolean): Plan {
  const freedBytes = going.reduce((sum, { freesBytes }) => sum + freesBytes, 0);
  const names = going.map(({ entry, freesBytes }) => JSON.stringify([entry.path, freesBytes]));
  const name = hash("sha256", names.join("\n"));
  return { going, freedBytes, isEnough: isEnough(freedBytes), name };
}
