import { closeSync, copyFileSync, constants, existsSync, openSync } from "node:fs";
import { readSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { CacheEntry, CacheEntryId, CacheFolder, CacheWorkState } from "#shared/cache.ts";
import type { CallRequest } from "#shared/contract.ts";
import { intendPartFile } from "./disk/part-file.ts";
import type { CloneFile } from "./disk/clone-file.ts";
import { toFileStamp } from "./disk/file-stamp.ts";
import { FaultRig, sha256Of } from "./faults/fault-rig.ts";
import type { FaultRigOptions, Fetched } from "./faults/fault-rig.ts";

/** In place of a file system that shares bytes between files. */
export const pretendClone: CloneFile = async (from, to) => {
  copyFileSync(from, to, constants.COPYFILE_EXCL);
  return true;
};

/** For tests of the cache over a real engine and store. */
export class CacheRig {
  readonly faults: FaultRig;

  static async open(cloneFile: CloneFile, more: FaultRigOptions = {}): Promise<CacheRig> {
    return new CacheRig(await FaultRig.open({ ...more, host: { cloneFile, ...more.host } }));
  }

  private constructor(faults: FaultRig) {
    this.faults = faults;
  }

  async folders(): Promise<readonly CacheFolder[]> {
    return await this.faults.client.call("cache.folders", null);
  }

  /** An object whose store has no SHA-256 of it. */
  async plain(sizeBytes: number): Promise<{ readonly key: string; readonly sha256: string }> {
    const bytes = this.faults.bytes(sizeBytes);
    const key = `plain-${sizeBytes}-${Date.now()}.bin`;
    await this.faults.s3.send(new PutObjectCommand({ Bucket: "lab", Key: key, Body: bytes }));
    return { key, sha256: sha256Of(bytes) };
  }

  /** The record says that the file is as it was: nobody can see that its disk changed it. */
  restamp({ path }: { readonly path: string }): void {
    const stamp = toFileStamp(statSync(path, { bigint: true }));
    const database = new DatabaseSync(join(this.faults.folder, "journal.db"), { timeout: 5000 });
    database
      .prepare("UPDATE entries SET stamp = ? WHERE path = ?")
      .run(JSON.stringify(stamp), path);
    database.close();
  }

  /** What an engine leaves that dies while it repairs; call it while none runs. */
  leaveRepair({ path, origin, key, sizeBytes }: CacheEntry): string {
    const part = intendPartFile(path, sizeBytes);
    writeFileSync(part.path, "");
    const intent = JSON.stringify({ kind: "repairing", id: { path, origin, key }, part });
    const database = new DatabaseSync(join(this.faults.folder, "journal.db"));
    database.prepare("INSERT INTO cacheIntents VALUES (?, ?)").run(part.path, intent);
    database.close();
    return part.path;
  }

  /** Fetches an object to its end. */
  async fetch(key: string, more: object = {}): Promise<Fetched> {
    const fetched = await this.faults.download(key, more);
    const { state } = await this.faults.rest(fetched.id);
    if (state.phase !== "done") throw new Error(JSON.stringify(state));
    return fetched;
  }

  /** An object that was sent in parts of 5 MiB, each with its digest at the store. */
  async inParts(sizeBytes: number): Promise<{ readonly key: string; readonly sha256: string }> {
    const sent = await this.faults.upload(sizeBytes);
    await this.faults.rest(sent.id);
    return sent;
  }

  async entries(given: CallRequest<"cache.list"> = {}): Promise<readonly CacheEntry[]> {
    return (await this.faults.client.call("cache.list", given)).entries;
  }

  /** The managed copies of an object. */
  async copiesOf(key: string): Promise<readonly CacheEntry[]> {
    return await this.entries({ filter: "managed", query: key });
  }

  async entryAt(path: string): Promise<CacheEntry> {
    const [entry] = await this.entries({ query: path });
    if (entry === undefined) throw new Error(`no entry at ${path}`);
    return entry;
  }

  /** To its end. */
  async work(
    kind: "verify" | "repair",
    ids: readonly CacheEntryId[] | null,
  ): Promise<NonNullable<CacheWorkState["last"]>> {
    const { client } = this.faults;
    const named = ids?.map(({ path, origin, key }) => ({ path, origin, key })) ?? null;
    await client.call(`cache.${kind}`, { ids: named });
    for (;;) {
      const { now, last } = await client.call("cache.work", null);
      if (now === null && last !== null) return last;
      await sleep(5);
    }
  }

  /** Bytes that GETs of an object brought since the last script. */
  fetchedBytes(key: string): number {
    const gets = this.faults.requests({ op: "GetObject", key });
    return gets.reduce((sum, { bodyBytesOut }) => sum + bodyBytesOut, 0);
  }
}

/** Other bytes at these places, as a bad disk makes them. */
export function damage(path: string, ...places: readonly number[]): void {
  const file = openSync(path, "r+");
  const byte = Buffer.alloc(1);
  for (const place of places) {
    readSync(file, byte, 0, 1, place);
    byte[0] = (byte[0] ?? 0) ^ 0xff;
    writeSync(file, byte, 0, 1, place);
  }
  closeSync(file);
}

export function isThere(path: string): boolean {
  return existsSync(path);
}
