import type { CallHandlers, LibraryVersion } from "#shared/contract.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { ObjectVersion, Store } from "../stores/store.ts";
import { soon } from "./soon.ts";

const PAGE = 1000;
const MAX_MEASURED = 200_000;
const MEASURE_FOR_MS = 20_000;

type LibraryCalls = Pick<
  CallHandlers,
  "library.buckets" | "library.list" | "library.versions" | "library.measure"
>;

/** The calls with which a page looks into buckets. */
export function libraryCalls(ports: {
  readonly buckets: (profileId: ProfileId, signal: AbortSignal) => Promise<readonly string[]>;
  readonly openStore: (profileId: ProfileId, bucket: string, signal: AbortSignal) => Promise<Store>;
}): LibraryCalls {
  return {
    "library.buckets": async ({ profileId }) => [
      ...(await soon((signal) => ports.buckets(profileId, signal))),
    ],
    "library.list": async ({ profileId, bucket, prefix, isDeep, cursor }) => {
      const query = { prefix, isFolded: !isDeep, cursor, limit: PAGE };
      const page = await soon(async (signal) =>
        (await ports.openStore(profileId, bucket, signal)).list(query, signal),
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
        (await ports.openStore(profileId, bucket, signal)).listVersions(query, signal),
      );
      const versions = page.versions.filter(({ key }) => !isKey || key === prefix);
      // Keys come in order, so that behind another key there is nothing more of this one.
      const isPast = isKey && page.versions.some(({ key }) => key !== prefix);
      return { versions: versions.map(toLibraryVersion), cursor: isPast ? null : page.cursor };
    },
    "library.measure": async ({ profileId, bucket, prefixes }) => {
      const store = await soon((until) => ports.openStore(profileId, bucket, until));
      const signal = AbortSignal.timeout(MEASURE_FOR_MS);
      const sum = { objectCount: 0, sizeBytes: 0, isCut: false };
      for (const prefix of prefixes) {
        sum.isCut ||= sum.objectCount >= MAX_MEASURED;
        if (!sum.isCut) await measure(store, prefix, sum, signal);
      }
      return sum;
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

async function measure(
  store: Store,
  prefix: string,
  sum: { objectCount: number; sizeBytes: number; isCut: boolean },
  signal: AbortSignal,
): Promise<void> {
  let cursor: string | null = null;
  try {
    do {
      const page = await store.list({ prefix, isFolded: false, cursor, limit: PAGE }, signal);
      const objects = page.objects.filter((object) => !isMarkerOf(prefix, object));
      sum.objectCount += objects.length;
      sum.sizeBytes += objects.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
      cursor = page.cursor;
      sum.isCut ||= cursor !== null && sum.objectCount >= MAX_MEASURED;
    } while (cursor !== null && !sum.isCut);
  } catch (error) {
    if (!signal.aborted) throw error;
    sum.isCut = true;
  }
}
