/**
 * Looks at a folder all the time, in a thread of its own: what else the lab does must not make it look
 * away. Ends when it is told to, with the most that it saw.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";

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

const BLOCK_BYTES = 512;
const LOOK_EVERY_MS = 2;

const { folder, quotaBytes, shared }: UsageTask = workerData;
const [under, stop] = [new BigInt64Array(shared, 0, 1), new Int32Array(shared, 8, 1)];
const seen = { looks: 0, mostBytes: 0, overBytes: 0, underWayBytes: 0, excessBytes: -Infinity };

while (Atomics.load(stop, 0) === 0) {
  look();
  Atomics.wait(stop, 0, 0, LOOK_EVERY_MS);
}
const told: UsageSeen = seen;
parentPort?.postMessage(told, []);

function look(): void {
  const before = Number(Atomics.load(under, 0));
  const usedBytes = readdirSync(folder).reduce((sum, name) => sum + sizeOf(name), 0);
  // What came to its end meanwhile was under way when it was looked at.
  const underWayBytes = Math.max(before, Number(Atomics.load(under, 0)));
  const overBytes = usedBytes - quotaBytes;
  seen.looks += 1;
  seen.mostBytes = Math.max(seen.mostBytes, usedBytes);
  if (overBytes - underWayBytes > seen.excessBytes) seen.excessBytes = overBytes - underWayBytes;
  if (seen.looks > 1 && overBytes <= seen.overBytes) return;
  seen.overBytes = overBytes;
  seen.underWayBytes = underWayBytes;
}

/** Of a managed copy, also one that is being made: what it takes of the disk, or its length if more. */
function sizeOf(name: string): number {
  if (!name.endsWith(".blob")) return 0;
  const found = statSync(join(folder, name), { throwIfNoEntry: false });
  return found === undefined ? 0 : Math.max(found.size, found.blocks * BLOCK_BYTES);
}
