import type { CallHandlers, LibraryVersion } from "#shared/contract.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { ListedObject } from "#shared/library-here.ts";
import type { Resolve } from "./to-spec.ts";
import type { ObjectVersion } from "../stores/store.ts";
import type { Journal } from "../transfers/journal.ts";
import type { OpenedStore } from "../transfers/run-ports.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import { hereStates } from "../transfers/here-states.ts";
import type { Asked } from "../transfers/measure-here.ts";
import { measureHere } from "../transfers/measure-here.ts";
import { soon } from "./soon.ts";

const PAGE = 1000;
const MAX_MEASURED = 200_000;
const MEASURE_FOR_MS = 20_000;

type LibraryCalls = Pick<
  CallHandlers,
  "library.buckets" | "library.list" | "library.versions" | "library.measure" | "library.here"
>;

/** The calls with which a page looks into buckets. */
export function libraryCalls(ports: {
  readonly buckets: (profileId: ProfileId, signal: AbortSignal) => Promise<readonly string[]>;
  readonly openStore: (
    profileId: ProfileId,
    bucket: string,
    signal: AbortSignal,
  ) => Promise<Pick<OpenedStore, "store" | "origin">>;
  readonly resolve: Resolve;
  readonly journal: Journal;
  readonly book: Pick<TransferBook, "list">;
}): LibraryCalls {
  return {
    "library.buckets": async ({ profileId }) => [
      ...(await soon((signal) => ports.buckets(profileId, signal))),
    ],
    "library.list": async ({ profileId, bucket, prefix, isDeep, cursor }) => {
      const query = { prefix, isFolded: !isDeep, cursor, limit: PAGE };
      const page = await soon(async (signal) =>
        (await ports.openStore(profileId, bucket, signal)).store.list(query, signal),
      );
      return {
        prefixes: [...page.prefixes],
        // The prefix's own marker is no entry in itself.
        objects: page.objects
          .filter((object) => !isMarkerOf(prefix, object))
          .map(({ key, sizeBytes, modifiedAtMs, etag }) => ({
            key,
            sizeBytes,
            modifiedAtMs,
            etag,
          })),
        cursor: page.cursor,
      };
    },
    "library.versions": async ({ profileId, bucket, prefix, isKey, cursor }) => {
      const query = { prefix, cursor, limit: PAGE };
      const page = await soon(async (signal) =>
        (await ports.openStore(profileId, bucket, signal)).store.listVersions(query, signal),
      );
      const versions = page.versions.filter(({ key }) => !isKey || key === prefix);
      // Keys come in order, so that behind another key there is nothing more of this one.
      const isPast = isKey && page.versions.some(({ key }) => key !== prefix);
      return { versions: versions.map(toLibraryVersion), cursor: isPast ? null : page.cursor };
    },
    "library.measure": async (asked) => {
      const { profileId, bucket, prefixes, objects, folder } = asked;
      const opened = await soon((until) => ports.openStore(profileId, bucket, until));
      const signal = AbortSignal.timeout(MEASURE_FOR_MS);
      const into = folder === null ? null : await ports.resolve(folder, "write");
      const sum = new Sum(bucket, into, { ...opened, ...ports }, signal);
      await sum.add(objects, { prefix: null, keptFolders: asked.keptFolders });
      for (const prefix of prefixes) await sum.addPrefix(prefix);
      return sum.found;
    },
    "library.here": async ({ profileId, bucket, objects }) => {
      return await soon(async (signal) => {
        const { origin } = await ports.openStore(profileId, bucket, signal);
        return await hereStates(objects, { profileId, bucket, origin }, ports, signal);
      });
    },
  };
}

function toLibraryVersion(version: ObjectVersion): LibraryVersion {
  const { key, sizeBytes, modifiedAtMs, etag, versionId, isLatest, isDeletion } = version;
  return { key, sizeBytes, modifiedAtMs, etag, versionId, isLatest, isDeletion };
}

/** What makes an empty folder appear. An object whose very name was asked for is an entry. */
function isMarkerOf(prefix: string, { key }: { readonly key: string }): boolean {
  return key === prefix && prefix.endsWith("/");
}

type SumPorts = Pick<OpenedStore, "store" | "origin"> & { readonly journal: Journal };

/** What is counted, until there is too much or the time is over. */
class Sum {
  readonly #bucket: string;
  /** Null: what is here is not looked for. */
  readonly #folder: string | null;
  readonly #ports: SumPorts;
  readonly #signal: AbortSignal;
  readonly found = { objectCount: 0, sizeBytes: 0, hereCount: 0, hereBytes: 0, isCut: false };

  constructor(bucket: string, folder: string | null, ports: SumPorts, signal: AbortSignal) {
    this.#bucket = bucket;
    this.#folder = folder;
    this.#ports = ports;
    this.#signal = signal;
  }

  async add(objects: readonly ListedObject[], asked: Omit<Asked, "bucket">): Promise<void> {
    this.found.objectCount += objects.length;
    this.found.sizeBytes += objects.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
    if (this.#folder === null) return;
    const place = { ...this.#ports, folder: this.#folder };
    const from = { bucket: this.#bucket, ...asked };
    const { hereCount, hereBytes } = await measureHere(objects, from, place, this.#signal);
    this.found.hereCount += hereCount;
    this.found.hereBytes += hereBytes;
  }

  async addPrefix(prefix: string): Promise<void> {
    const { found } = this;
    found.isCut ||= found.objectCount >= MAX_MEASURED;
    try {
      for (let cursor: string | null = null; !found.isCut;) {
        const query = { prefix, isFolded: false, cursor, limit: PAGE };
        const page = await this.#ports.store.list(query, this.#signal);
        await this.add(
          page.objects.filter((object) => !isMarkerOf(prefix, object)),
          { prefix },
        );
        cursor = page.cursor;
        if (cursor === null) return;
        found.isCut = found.objectCount >= MAX_MEASURED;
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error;
      found.isCut = true;
    }
  }
}
