import type { CallHandlers } from "#shared/contract.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { Store } from "../stores/store.ts";

const PAGE = 1000;
const MAX_MEASURED = 200_000;
const MEASURE_FOR_MS = 20_000;
/** A person waits for these. */
const CALL_DEADLINE_MS = 30_000;

type LibraryCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `library.${string}`>>;

/** The calls with which a page looks into buckets. */
export function libraryCalls(ports: {
  readonly buckets: (profileId: ProfileId, signal: AbortSignal) => Promise<readonly string[]>;
  readonly openStore: (profileId: ProfileId, bucket: string, signal: AbortSignal) => Promise<Store>;
}): LibraryCalls {
  return {
    "library.buckets": async ({ profileId }) => [
      ...(await ports.buckets(profileId, AbortSignal.timeout(CALL_DEADLINE_MS))),
    ],
    "library.list": async ({ profileId, bucket, prefix, cursor }) => {
      const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
      const store = await ports.openStore(profileId, bucket, signal);
      const page = await store.list({ prefix, isFolded: true, cursor, limit: PAGE }, signal);
      return {
        prefixes: [...page.prefixes],
        // The prefix's own marker is no entry in itself.
        objects: page.objects
          .filter(({ key }) => key !== prefix)
          .map(({ key, sizeBytes, modifiedAtMs, etag }) => ({
            key,
            sizeBytes,
            modifiedAtMs,
            etag,
          })),
        cursor: page.cursor,
      };
    },
    "library.measure": async ({ profileId, bucket, prefixes }) => {
      const signal = AbortSignal.timeout(MEASURE_FOR_MS);
      const store = await ports.openStore(profileId, bucket, signal);
      const sum = { objectCount: 0, sizeBytes: 0, isCut: false };
      for (const prefix of prefixes) await measure(store, prefix, sum, signal);
      return sum;
    },
  };
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
      sum.objectCount += page.objects.length;
      sum.sizeBytes += page.objects.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
      cursor = page.cursor;
      sum.isCut ||= cursor !== null && sum.objectCount >= MAX_MEASURED;
    } while (cursor !== null && !sum.isCut);
  } catch (error) {
    if (!signal.aborted) throw error;
    sum.isCut = true;
  }
}
